package obs

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
)

// Set at link time, -ldflags "-X …/internal/obs.version=1.2.3"; where they are empty,
// what the Go tool recorded of the repository stands.
var version, commit, commitTime, dirty string

// Build is what is known of this binary.
type Build struct {
	Version string   `json:"version"` // as tagged, or "devel"
	Commit  string   `json:"commit"`  // of the repository, "" where unknown
	Time    string   `json:"time"`    // of the commit, RFC 3339 in UTC, "" where unknown
	Dirty   bool     `json:"dirty"`   // the tree differed from the commit
	Go      string   `json:"go"`      // version of the toolchain
	OS      string   `json:"os"`
	Arch    string   `json:"arch"`
	CGO     bool     `json:"cgo"`
	Tags    []string `json:"tags"` // build tags, never nil
	// Modules are the modules that are linked, by path, with their versions.
	Modules map[string]string `json:"modules"`
}

// BuildInfo is what the linker and the Go tool left in the binary. The maps and slices
// in it are shared: do not change them.
var BuildInfo = sync.OnceValue(func() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{GoVersion: runtime.Version()}
	}
	return newBuild(info)
})

func newBuild(info *debug.BuildInfo) Build {
	recorded := map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	b := Build{
		Version: version, Go: info.GoVersion, OS: runtime.GOOS, Arch: runtime.GOARCH,
		Commit: cmp.Or(commit, recorded["vcs.revision"]),
		Time:   cmp.Or(commitTime, recorded["vcs.time"]),
		CGO:    recorded["CGO_ENABLED"] == "1",
		Tags:   strings.FieldsFunc(recorded["-tags"], func(r rune) bool { return r == ',' || r == ' ' }),

		Modules: map[string]string{},
	}
	b.Dirty, _ = strconv.ParseBool(cmp.Or(dirty, recorded["vcs.modified"])) // "" is false
	if v := info.Main.Version; b.Version == "" && v != "(devel)" {
		b.Version = v
	}
	b.Version = cmp.Or(b.Version, "devel")
	for _, m := range info.Deps {
		path := m.Path
		for m.Replace != nil {
			m = m.Replace
		}
		b.Modules[path] = m.Version
	}
	return b
}

// String is the build in one line.
func (b Build) String() string {
	s := b.Version
	if len(b.Commit) >= 12 {
		s += " " + b.Commit[:12]
	}
	if b.Dirty {
		s += " (modified)"
	}
	return s + " " + b.Go
}

// Version is the build of this binary in one line.
func Version() string { return BuildInfo().String() }
