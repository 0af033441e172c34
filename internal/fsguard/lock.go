package fsguard

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// takeFor is how long Take retries. Holder takes the lock for a moment, which must not
// keep another process from starting.
const takeFor = 300 * time.Millisecond

// errHeld is returned by lockFile if another open file holds the lock.
var errHeld = errors.New("lock is held")

// HeldError is returned by Take if a process holds the lock.
type HeldError struct {
	Path string // of the lock file
	PID  int    // of the holder; 0 if unknown
	Note string // the text that the holder passed to Lock.Note; "" if none
}

// Error implements error; it names the lock file and the holder.
func (e *HeldError) Error() string { return fmt.Sprintf("%s is held by %s", e.Path, e.Holder()) }

// Holder describes the process for a message: "process 4711".
func (e *HeldError) Holder() string {
	if e.PID == 0 {
		return "another process"
	}
	return "process " + strconv.Itoa(e.PID)
}

// Lock is a lock that this process holds until Close or its end.
type Lock struct {
	file     *os.File
	enforced bool
}

// Take locks the file at path and creates it if it does not exist. The error is a
// *HeldError if a process, this one included, holds the lock.
func Take(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	err = retryHeld(func() error { return lockFile(f, true) })
	switch {
	case errors.Is(err, errHeld):
		held := holder(f, path)
		_ = f.Close() // read only
		return nil, held
	case err != nil && !errors.Is(err, errors.ErrUnsupported):
		_ = f.Close()
		return nil, fmt.Errorf("lock file %s: %w", path, err)
	}
	// The lock is valid even if a full disk does not store the process ID.
	if f.Truncate(0) == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return &Lock{file: f, enforced: err == nil}, nil
}

// retryHeld calls try until its error is not errHeld, for at most takeFor.
func retryHeld(try func() error) error {
	end := time.NewTimer(takeFor)
	defer end.Stop()
	retry := time.NewTicker(takeFor / 20)
	defer retry.Stop()
	for {
		if err := try(); !errors.Is(err, errHeld) {
			return err
		}
		select {
		case <-retry.C:
		case <-end.C:
			return errHeld
		}
	}
}

// Enforced reports whether the system supports the lock.
func (l *Lock) Enforced() bool { return l.enforced }

// Note stores a line in the lock file for processes that find the lock held
// (HeldError.Note). The lock stays held after an error.
func (l *Lock) Note(text string) error {
	_, err := fmt.Fprintf(l.file, "%s\n", text)
	return err
}

// Close releases the lock.
func (l *Lock) Close() error { return l.file.Close() }

// Holder returns who holds the lock at path, or nil if it is free.
func Holder(path string) (*HeldError, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	defer f.Close()
	switch err := lockFile(f, false); {
	case errors.Is(err, errHeld):
		return holder(f, path), nil
	case err != nil && !errors.Is(err, errors.ErrUnsupported):
		return nil, fmt.Errorf("lock file %s: %w", path, err)
	}
	return nil, nil
}

// holder reads what the holder wrote to the lock file.
func holder(f *os.File, path string) *HeldError {
	b := make([]byte, 256)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return &HeldError{Path: path}
	}
	pid, note, _ := strings.Cut(strings.TrimSpace(string(b[:n])), "\n")
	e := &HeldError{Path: path, Note: strings.TrimSpace(note)}
	if n, err := strconv.ParseInt(pid, 10, 32); err == nil && n > 0 { // the holder may not have written it yet
		e.PID = int(n)
	}
	return e
}
