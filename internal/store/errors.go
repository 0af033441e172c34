package store

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// The ways in which the file can be unusable; the errors of this package wrap them.
var (
	ErrInUse    = errors.New("database is in use") // by another NetLyra
	ErrLocked   = errors.New("database is locked")
	ErrFull     = errors.New("disk is full")
	ErrCorrupt  = errors.New("database is damaged")
	ErrReadOnly = errors.New("database cannot be written")
)

// explain names the file and what to do about err, which came from SQLite.
func explain(path string, err error) error {
	var e sqlite3.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked:
		return fmt.Errorf("%s: %w by another program (another netlyra?): stop it, or set DB_PATH to another file: %w", path, ErrLocked, err)
	case e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC:
		return fmt.Errorf("%s: %w: free some space there, or set DB_PATH to a file on another disk: %w", path, ErrFull, err)
	case e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB:
		return corrupt(path, err)
	case e.Code == sqlite3.ErrReadonly || e.Code == sqlite3.ErrPerm || e.Code == sqlite3.ErrCantOpen:
		return fmt.Errorf("%s: %w: give its file and directory to the user that netlyra runs as, or set DB_PATH: %w", path, ErrReadOnly, err)
	case e.Code == sqlite3.ErrInterrupt:
		return fmt.Errorf("%s: query was broken off: %w", path, context.DeadlineExceeded)
	}
	return fmt.Errorf("%s: %w", path, err)
}

func corrupt(path string, err error) error {
	return fmt.Errorf("%s: %w or no SQLite file; NetLyra does not touch it. Move it away (mv %s %s.damaged) and start again, or try `sqlite3 %s .recover`: %w",
		path, ErrCorrupt, path, path, path, err)
}
