package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/store/dbfile"
)

func TestProbe(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cfg := DefaultConfig()
	cfg.Path = filepath.Join(dir, "live.db")
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		path string
		want error  // of this package
		says string // "" = all is well
	}{
		{path: cfg.Path},
		{path: filepath.Join(dir, "not", "yet", "there.db")},
		{path: filepath.Join(file("plain", "x"), "x.db"), says: "DB_PATH"},
		{path: file("bad.db", strings.Repeat("no database ", 500)), want: dbfile.ErrCorrupt, says: "bad.db"},
	} {
		cfg := cfg
		cfg.Path = c.path
		err := Probe(t.Context(), cfg)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %q", c.path, err, c.says)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "not")); err == nil {
		t.Error("a probe has made a directory")
	}
	if err := s.db.Write.Exec("PRAGMA user_version = 99").Error; err != nil {
		t.Fatal(err)
	}
	if err := Probe(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "schema version 99") {
		t.Errorf("a file of the future: %v", err)
	}
}
