package dbfile

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/netlyra/netlyra/internal/fsguard"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// acquire creates the file, readable for this user only, if it does not exist, and
// locks it: two recorders on one file would undo each other's writes.
func acquire(path string, log *slog.Logger) (*fsguard.Lock, error) {
	if err := fsguard.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("directory of the database: %w (set DB_PATH)", err)
	}
	if err := fsguard.Create(path); err != nil {
		return nil, cannotCreate(path, err)
	}
	lock, err := fsguard.Take(lockPath(path))
	var held *fsguard.HeldError
	switch {
	case errors.As(err, &held):
		return nil, fmt.Errorf("%s: %w by %s: stop it, or set DB_PATH to another file", path, ErrInUse, held.Holder())
	case err != nil:
		return nil, cannotCreate(path, err)
	}
	if !lock.Enforced() {
		log.Warn("file system does not support locks; make sure that only one process uses the database",
			vocabulary.EventDatabaseNotLocked.Attr(), "file", path)
	}
	return lock, nil
}

// lockPath returns the lock file of the database at path. It is the same for all names
// (symbolic links) of the file.
func lockPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path + ".lock"
}

// Holder describes the process that has the database open for writing ("process 4711"),
// or returns "" if the lock is free. It returns an error if the lock file cannot be read.
func Holder(path string) (string, error) {
	held, err := fsguard.Holder(lockPath(path))
	if held == nil || err != nil {
		return "", err
	}
	return held.Holder(), nil
}

// Files returns the files that hold rows: the database and, while it is open or after a
// crash, its write-ahead log and the log's index.
func Files(path string) []string { return []string{path, path + "-wal", path + "-shm"} }

// Paths returns Files and their directory. It omits a directory that other programs
// share: the working directory, the user's home, or one like /tmp.
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
