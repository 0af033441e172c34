//go:build unix

package fsguard

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Mode().Perm()
}

func TestFilesAreCreatedForOneUser(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b")
	if err := MkdirAll(deep); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{filepath.Dir(deep), deep} {
		if m := mode(t, d); m != 0o700 {
			t.Errorf("%s has %04o", d, m)
		}
	}
	file := filepath.Join(deep, "f")
	if err := Create(file); err != nil || mode(t, file) != 0o600 {
		t.Errorf("%04o, %v", mode(t, file), err)
	}
	// An existing file keeps its permissions and content.
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Create(file); err != nil || mode(t, file) != 0o640 {
		t.Errorf("%04o, %v", mode(t, file), err)
	}
	if b, err := os.ReadFile(file); string(b) != "x" {
		t.Errorf("content %q, %v", b, err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(deep, "behind"), link); err != nil {
		t.Fatal(err)
	}
	if err := Create(link); err != nil || mode(t, link) != 0o600 {
		t.Errorf("through a link: %04o, %v", mode(t, link), err)
	}
	l, err := Take(filepath.Join(deep, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if m := mode(t, filepath.Join(deep, "lock")); m != 0o600 {
		t.Errorf("lock has %04o", m)
	}
}

func TestTooWide(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "absent")}
	want := map[string]bool{}
	for i, c := range []struct {
		mode fs.FileMode
		dir  bool
		wide bool
	}{
		{0o600, false, false}, {0o400, false, false}, {0o700, false, false}, {0o640, false, true}, {0o604, false, true}, {0o602, false, true}, {0o644, false, true},
		{0o700, true, false}, {0o500, true, false}, {0o750, true, true}, {0o701, true, true}, {0o755, true, true}, {0o777 | fs.ModeSticky, true, true},
	} {
		p := filepath.Join(dir, fmt.Sprintf("%d%v", i, c.mode))
		if err := os.Mkdir(p, 0o700); err != nil {
			t.Fatal(err)
		}
		if !c.dir {
			p = filepath.Join(p, "file")
			if err := os.WriteFile(p, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(p, c.mode); err != nil {
			t.Fatal(err)
		}
		paths, want[p] = append(paths, p), c.wide
	}
	var out bytes.Buffer
	Warn(slog.New(slog.NewTextHandler(&out, nil)), paths...)
	found := map[string]bool{}
	for _, w := range TooWide(paths...) {
		found[w.Path] = true
		if !want[w.Path] || w.Mode&others == 0 || w.Want&others != 0 || !strings.Contains(w.Advice(), w.Path) {
			t.Errorf("%+v: %s; %s", w, w, w.Advice())
		}
		if !strings.Contains(out.String(), "path="+w.Path+" ") {
			t.Errorf("no warning for %s", w.Path)
		}
	}
	for p, wide := range want {
		if wide && !found[p] {
			t.Errorf("%s was not found", p)
		}
	}
	if n := strings.Count(out.String(), "event="+string(vocabulary.EventPermissionsTooWide)); n != len(found) || n == 0 {
		t.Errorf("%d warnings for %d paths:\n%s", n, len(found), &out)
	}
}
