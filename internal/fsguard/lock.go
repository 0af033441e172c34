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

// takeFor is how long Take tries: a process that only looks (Holder) holds the lock for
// a moment, and must not keep another one from starting.
const takeFor = 300 * time.Millisecond

// errHeld is what lockFile returns where another open file has the lock.
var errHeld = errors.New("lock is held")

// HeldError says that a process holds a lock.
type HeldError struct {
	Path string // of the lock file
	PID  int    // of the holder; 0 where the file does not say
	Note string // what the holder noted with Note, "" where nothing
}

// Error names the file and the process.
func (e *HeldError) Error() string { return fmt.Sprintf("%s is held by %s", e.Path, e.Holder()) }

// Holder names the process for a message: "process 4711".
func (e *HeldError) Holder() string {
	if e.PID == 0 {
		return "another process"
	}
	return "process " + strconv.Itoa(e.PID)
}

// Lock is a lock that this process holds until Close, or until the process ends.
type Lock struct {
	file     *os.File
	enforced bool
}

// Take locks the file at path, which it makes where it is absent. The error is a
// *HeldError where a process has the lock, this process itself included.
func Take(path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	err = patiently(func() error { return lockFile(f, true) })
	switch {
	case errors.Is(err, errHeld):
		held := holder(f, path)
		_ = f.Close() // it was only read
		return nil, held
	case err != nil && !errors.Is(err, errors.ErrUnsupported):
		_ = f.Close()
		return nil, fmt.Errorf("lock file %s: %w", path, err)
	}
	// That a full disk does not take the number is no reason to give up the lock.
	if f.Truncate(0) == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return &Lock{file: f, enforced: err == nil}, nil
}

// patiently tries until it does not fail for a held lock, at most for takeFor.
func patiently(try func() error) error {
	end := time.NewTimer(takeFor)
	defer end.Stop()
	again := time.NewTicker(takeFor / 20)
	defer again.Stop()
	for {
		if err := try(); !errors.Is(err, errHeld) {
			return err
		}
		select {
		case <-again.C:
		case <-end.C:
			return errHeld
		}
	}
}

// Enforced reports whether the system keeps other processes out.
func (l *Lock) Enforced() bool { return l.enforced }

// Note writes a line for those who find the lock held. An error leaves the lock as it is.
func (l *Lock) Note(text string) error {
	_, err := fmt.Fprintf(l.file, "%s\n", text)
	return err
}

// Close releases the lock.
func (l *Lock) Close() error { return l.file.Close() }

// Holder is who holds the lock at path, nil where nobody does.
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

// holder reads what the process that has the lock wrote.
func holder(f *os.File, path string) *HeldError {
	b := make([]byte, 256)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return &HeldError{Path: path}
	}
	pid, note, _ := strings.Cut(strings.TrimSpace(string(b[:n])), "\n")
	e := &HeldError{Path: path, Note: strings.TrimSpace(note)}
	e.PID, _ = strconv.Atoi(pid) // 0 where it is not written yet
	return e
}
