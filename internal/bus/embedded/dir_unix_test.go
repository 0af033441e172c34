//go:build unix

package embedded

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// TestDirectoriesArePrivate checks that only the user can access the directories, which contain
// packets, and that the broker warns about directories with other permissions.
func TestDirectoriesArePrivate(t *testing.T) {
	var out bytes.Buffer
	cfg := testConfig(filepath.Join(t.TempDir(), "a", "data"))
	cfg.Log = slog.New(slog.NewTextHandler(&out, nil))
	b := start(t, cfg)
	if err := b.Cluster().CreateTopic("t", 1, nil); err != nil {
		t.Fatal(err)
	}
	produce(t, b.Addr(), "t", "x")
	_ = b.Close()
	for _, p := range append(Dirs(cfg.DataDir), filepath.Dir(cfg.DataDir)) {
		if st, err := os.Stat(p); err != nil || st.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", p, st.Mode(), err)
		}
	}
	if st, err := os.Stat(filepath.Join(cfg.DataDir, lockName)); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("lock file: %v, %v", st.Mode(), err)
	}
	if strings.Contains(out.String(), string(vocabulary.EventPermissionsTooWide)) {
		t.Errorf("warns about directories that it created:\n%s", &out)
	}
	for _, p := range Dirs(cfg.DataDir) {
		if err := os.Chmod(p, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	start(t, cfg)
	for _, p := range Dirs(cfg.DataDir) {
		if !strings.Contains(out.String(), "event="+string(vocabulary.EventPermissionsTooWide)+" path="+p+" mode=0755") {
			t.Errorf("no warning about %s in\n%s", p, &out)
		}
	}
}
