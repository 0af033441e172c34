package obs

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
)

// Set at link time, -ldflags "-X …/internal/obs.version=1.2.3". If they are empty, the
// values that the Go tool recorded are used.
var version, commit, commitTime, dirty string

// Build describes this binary.
type Build struct {
	Version string   `json:"version"` // as tagged, or "devel"
	Commit  string   `json:"commit"`  // "" if unknown
	Time    string   `json:"time"`    // of the commit, RFC 3339 in UTC; "" if unknown
	Dirty   bool     `json:"dirty"`   // the tree differed from the commit
	Go      string   `json:"go"`      // version of the toolchain
	OS      string   `json:"os"`
	Arch    string   `json:"arch"`
	CGO     bool     `json:"cgo"`
	Tags    []string `json:"tags"` // build tags, never nil
	// Modules has the versions of the linked modules by path.
	Modules map[string]string `json:"modules"`
}

// BuildInfo returns what the linker and the Go tool recorded in the binary. Its maps and
// slices are shared: do not change them.
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

// String returns the build on one line.
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

// Version returns the build of this binary on one line.
func Version() string { return BuildInfo().String() }
