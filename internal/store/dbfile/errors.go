package dbfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// Reasons for which a database file cannot be used. Errors of this package and of the
// packages that use it wrap them.
var (
	ErrInUse    = errors.New("database is in use") // by another NetLyra process
	ErrLocked   = errors.New("database is locked") // by another program
	ErrFull     = errors.New("disk is full")
	ErrCorrupt  = errors.New("database is damaged")
	ErrReadOnly = errors.New("database is not writable")
)

const (
	adviceFull     = "free some disk space, or set DB_PATH to a file on another disk"
	adviceReadOnly = "make the file and its directory writable for the user that runs netlyra, or set DB_PATH"
)

// Explain adds the file name, the reason (ErrLocked, ErrFull, …) and what to do to an
// error from SQLite. Other errors are returned unchanged.
func Explain(path string, err error) error {
	var e sqlite3.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked:
		return fmt.Errorf("%s: %w by another program (another netlyra?): stop it, or set DB_PATH to another file: %w", path, ErrLocked, err)
	case e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC:
		return fmt.Errorf("%s: %w: %s: %w", path, ErrFull, adviceFull, err)
	case e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB:
		return corrupt(path, err)
	case e.Code == sqlite3.ErrReadonly || e.Code == sqlite3.ErrPerm || e.Code == sqlite3.ErrCantOpen:
		return fmt.Errorf("%s: %w: %s: %w", path, ErrReadOnly, adviceReadOnly, err)
	case e.Code == sqlite3.ErrInterrupt:
		return fmt.Errorf("%s: query was interrupted: %w", path, context.DeadlineExceeded)
	}
	return fmt.Errorf("%s: %w", path, err)
}

func corrupt(path string, err error) error {
	return fmt.Errorf("%s: %w or not a SQLite file; it was not changed. Move it away (mv %s %s.damaged) and restart, or try `sqlite3 %s .recover`: %w",
		path, ErrCorrupt, path, path, path, err)
}

// cannotCreate explains why the file at path could not be created or locked.
func cannotCreate(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%s: %w: %s: %w", path, ErrFull, adviceFull, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s: %w: %s: %w", path, ErrReadOnly, adviceReadOnly, err)
	}
	return fmt.Errorf("%s: %w (set DB_PATH)", path, err)
}
