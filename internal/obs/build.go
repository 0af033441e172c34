package obs

import (
	"runtime/debug"
	"sync"
)

// version is set at link time: -ldflags "-X …/internal/obs.version=1.2.3".
var version string

// Build is what is known of this binary.
type Build struct {
	Version  string `json:"version"`  // as tagged, or "devel"
	Revision string `json:"revision"` // of the repository, "" where unknown
	Time     string `json:"time"`     // of the revision, RFC 3339
	Modified bool   `json:"modified"` // the tree had changes of its own
	Go       string `json:"go"`
}

// BuildInfo is what the linker and the Go tool left in the binary.
var BuildInfo = sync.OnceValue(func() Build {
	b := Build{Version: version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Go = info.GoVersion
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	if v := info.Main.Version; b.Version == "" && v != "" && v != "(devel)" {
		b.Version = v
	}
	if b.Version == "" {
		b.Version = "devel"
	}
	return b
})

// String is the build in one line.
func (b Build) String() string {
	s := b.Version
	if len(b.Revision) >= 12 {
		s += " " + b.Revision[:12]
	}
	if b.Modified {
		s += " (modified)"
	}
	return s + " " + b.Go
}

// Version is the build of this binary in one line.
func Version() string { return BuildInfo().String() }
