package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

// TestHelperOpens runs in another process: it opens the database and exits without closing
// it.
func TestHelperOpens(t *testing.T) {
	path := os.Getenv("STORE_OPEN")
	if path == "" {
		t.Skip("helper process of other tests")
	}
	cfg := testConfig(t)
	cfg.Path = path
	s, err := Open(t.Context(), cfg)
	if err != nil {
		fmt.Printf("rejected: %v\n", err)
		os.Exit(3)
	}
	if err := s.SaveAlerts(t.Context(), []models.Alert{storetest.Alert(1)}); err != nil {
		t.Fatal(err)
	}
	os.Exit(0) // without Close, as after kill -9
}

func openInAnotherProcess(t *testing.T, path string) (out string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperOpens$")
	cmd.Env = append(os.Environ(), "STORE_OPEN="+path)
	b, err := cmd.CombinedOutput()
	return string(b), err
}

// One process locks the database, under all names of the file. The lock ends with the
// process.
func TestDatabaseIsLockedByOneProcess(t *testing.T) {
	cfg := testConfig(t)
	cfg.Path = filepath.Join(t.TempDir(), "a", "net.db")
	if out, err := openInAnotherProcess(t, cfg.Path); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("the lock was not released when its process exited: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(cfg.Path, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{cfg.Path, link} {
		out, err := openInAnotherProcess(t, path)
		if err == nil || !strings.Contains(out, path+": "+dbfile.ErrInUse.Error()+fmt.Sprintf(" by process %d: stop it, or set DB_PATH", os.Getpid())) {
			t.Errorf("%s: output of a second process %q, %v", path, out, err)
		}
		other := cfg
		other.Path = path
		if _, err := Open(t.Context(), other); !errors.Is(err, dbfile.ErrInUse) {
			t.Errorf("second Open in one process: %v", err)
		}
		if by, err := dbfile.Holder(path); by != fmt.Sprintf("process %d", os.Getpid()) || err != nil {
			t.Errorf("holder %q, %v", by, err)
		}
		if err := Probe(t.Context(), other); err != nil {
			t.Errorf("Probe of a locked database: %v", err)
		}
	}
	// A reader needs no lock and reads rows that are written after it was opened.
	r, err := OpenReader(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	saveAlerts(t, s, storetest.Alert(2))
	if d, err := r.Alert(t.Context(), storetest.Alert(2).ID); err != nil || d.ID != storetest.Alert(2).ID {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := r.s.db.ReadSQL.Exec("DELETE FROM alerts"); err == nil {
		t.Error("a reader could write")
	}
	if err := errors.Join(r.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if out, err := openInAnotherProcess(t, cfg.Path); err != nil {
		t.Errorf("after Close: %v: %s", err, out)
	}
	// The killed process left a write-ahead log; a reader without a writer reads it.
	if r, err = OpenReader(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if d, err := r.Alert(t.Context(), storetest.Alert(1).ID); err != nil || d.ID == "" {
		t.Errorf("%+v, %v", d, err)
	}
	if by, err := dbfile.Holder(cfg.Path); by != "" || err != nil {
		t.Errorf("holder %q, %v", by, err)
	}
}

func TestReaderDoesNotCreateOrMigrate(t *testing.T) {
	cfg := testConfig(t)
	if _, err := OpenReader(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "DB_PATH") {
		t.Errorf("without a file: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(cfg.Path)); err == nil {
		t.Error("the reader created the directory")
	}
	old := oldFile(t, cfg, 1, someday)
	for version, want := range map[int]bool{1: false, 2: true, 3: true, 99: false} {
		old.mustExec(t, fmt.Sprintf("PRAGMA user_version = %d", version))
		r, err := OpenReader(t.Context(), cfg)
		if (err == nil) != want || err != nil && !strings.Contains(err.Error(), fmt.Sprintf("schema version %d", version)) {
			t.Errorf("version %d: %v", version, err)
		}
		if err == nil {
			_ = r.Close()
		}
	}
	if err := old.Close(); err != nil {
		t.Error(err)
	}
}

// Files are created with permissions for one user. Open logs files with wider permissions.
func TestFilePermissions(t *testing.T) {
	cfg := testConfig(t)
	var log bytes.Buffer
	open := func() *Store {
		s, err := Open(t.Context(), cfg, WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if err != nil {
			t.Fatal(err)
		}
		saveAlerts(t, s, storetest.Alert(1))
		return s
	}
	s := open()
	for _, p := range append(dbfile.Paths(cfg.Path), cfg.Path+".lock") {
		if st, err := os.Stat(p); err != nil || st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", p, err)
		}
	}
	if log.Len() > 0 {
		t.Errorf("unexpected log: %s", &log)
	}
	_ = s.Close()
	dir := filepath.Dir(cfg.Path)
	if err := errors.Join(os.Chmod(cfg.Path, 0o644), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	defer open().Close()
	for _, p := range []string{dir, cfg.Path} {
		if !strings.Contains(log.String(), fmt.Sprintf("event=%s path=%q", vocabulary.EventPermissionsTooWide, p)) {
			t.Errorf("%s is not in the log\n%s", p, &log)
		}
	}
}

// Permissions of directories that other programs share are not checked.
func TestSharedDirectoriesAreNotChecked(t *testing.T) {
	sticky := t.TempDir()
	if err := os.Chmod(sticky, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", t.TempDir())
	for dir, want := range map[string]int{sticky: 3, ".": 3, os.Getenv("HOME"): 3, t.TempDir(): 4} {
		if got := dbfile.Paths(filepath.Join(dir, "x.db")); len(got) != want {
			t.Errorf("%s: %v", dir, got)
		}
	}
}
