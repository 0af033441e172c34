package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/netlyra/netlyra/internal/fsguard"
)

// CodeNotLocked is the code of the log record that nothing keeps a second process off
// the file.
const CodeNotLocked = "database_not_locked"

// take makes the file where it is absent, for this user alone, and takes it for this
// process: two recorders on one file would each undo what the other knows.
func (s *Store) take() (err error) {
	if err := fsguard.MkdirAll(filepath.Dir(s.cfg.Path)); err != nil {
		return fmt.Errorf("directory of the database: %w (set DB_PATH)", err)
	}
	if err := fsguard.Create(s.cfg.Path); err != nil {
		return unusable(s.cfg.Path, err)
	}
	s.lock, err = fsguard.Take(lockPath(s.cfg.Path))
	var held *fsguard.HeldError
	switch {
	case errors.As(err, &held):
		return fmt.Errorf("%s: %w by %s: stop it, or set DB_PATH to another file", s.cfg.Path, ErrInUse, held.Holder())
	case err != nil:
		return unusable(s.cfg.Path, err)
	}
	if !s.lock.Enforced() {
		s.log.Warn("this file system has no locks: make sure that one process alone uses the database", "code", CodeNotLocked, "file", s.cfg.Path)
	}
	return nil
}

// unusable says what to do about a file that cannot be made.
func unusable(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%s: %w: free some space there, or set DB_PATH to a file on another disk: %w", path, ErrFull, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s: %w: give its file and directory to the user that netlyra runs as, or set DB_PATH: %w", path, ErrReadOnly, err)
	}
	return fmt.Errorf("%s: %w (set DB_PATH)", path, err)
}

// lockPath is the lock file of the database at path, the same by whichever name the file
// is reached.
func lockPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path + ".lock"
}

// Holder names the process that has the database open for writing, "" where none has.
// An error says that it cannot be known.
func Holder(path string) (string, error) {
	held, err := fsguard.Holder(lockPath(path))
	if held == nil || err != nil {
		return "", err
	}
	return held.Holder(), nil
}

// Files are the files that hold rows: the database and, while it is open or after a
// crash, its log and its index.
func Files(path string) []string { return []string{path, path + "-wal", path + "-shm"} }

// Paths are the files, and their directory unless it is one that other programs share:
// the working directory, the user's home, or one like /tmp.
func Paths(path string) []string {
	dir := filepath.Dir(path)
	if shared(dir) {
		return Files(path)
	}
	return append([]string{dir}, Files(path)...)
}

func shared(dir string) bool {
	st, err := os.Stat(dir)
	if err != nil || st.Mode()&fs.ModeSticky != 0 {
		return true
	}
	for _, where := range []func() (string, error){os.Getwd, os.UserHomeDir} {
		name, err := where()
		if err != nil {
			continue
		}
		if other, err := os.Stat(name); err == nil && os.SameFile(st, other) {
			return true
		}
	}
	return false
}
