package obs

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// setLinked sets the variables of -ldflags for one test.
func setLinked(t *testing.T, v, c, at, d string) {
	t.Helper()
	before := [...]string{version, commit, commitTime, dirty}
	version, commit, commitTime, dirty = v, c, at, d
	t.Cleanup(func() { version, commit, commitTime, dirty = before[0], before[1], before[2], before[3] })
}

func TestBuildFromRecordedSettings(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "github.com/netlyra/netlyra", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "example.org/a", Version: "v1.2.3"},
			{Path: "example.org/b", Version: "v0.1.0", Replace: &debug.Module{Path: "example.org/fork", Version: "v0.1.1"}},
		},
		Settings: []debug.BuildSetting{
			{Key: "-tags", Value: "nomsgpack,libsqlite3"}, {Key: "CGO_ENABLED", Value: "1"},
			{Key: "vcs.revision", Value: "aaaaaaaaaaaaaaaaaaaa"}, {Key: "vcs.time", Value: "2026-11-29T01:02:03Z"}, {Key: "vcs.modified", Value: "true"},
		},
	}
	want := Build{
		Version: "devel", Commit: "aaaaaaaaaaaaaaaaaaaa", Time: "2026-11-29T01:02:03Z", Dirty: true,
		Go: "go1.26.8", OS: runtime.GOOS, Arch: runtime.GOARCH, CGO: true, Tags: []string{"nomsgpack", "libsqlite3"},
		Modules: map[string]string{"example.org/a": "v1.2.3", "example.org/b": "v0.1.1"},
	}
	setLinked(t, "", "", "", "")
	if d := cmp.Diff(want, newBuild(info)); d != "" {
		t.Errorf("recorded by the Go tool (-want +got)\n%s", d)
	}

	// Values set by the linker take precedence, including dirty=false.
	setLinked(t, "v2.0.0", "bbbb", "2026-11-30T00:00:00Z", "false")
	want.Version, want.Commit, want.Time, want.Dirty = "v2.0.0", "bbbb", "2026-11-30T00:00:00Z", false
	if d := cmp.Diff(want, newBuild(info)); d != "" {
		t.Errorf("set by the linker (-want +got)\n%s", d)
	}

	// go install module@version records the version and no repository.
	setLinked(t, "", "", "", "")
	installed := newBuild(&debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.4.0"}})
	if installed.Version != "v1.4.0" || installed.Commit != "" || installed.Dirty || installed.CGO || installed.Tags == nil {
		t.Errorf("installed by version: %+v", installed)
	}
}
