package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The lock file says who holds the directory: the process's number, and on a second
// line the address that clients of this machine can connect to.

// sayAddr adds the address to the lock file, for Running. That it cannot be written is
// no reason not to serve.
func sayAddr(lock *os.File, addr string) {
	_, _ = fmt.Fprintf(lock, "%s\n", addr)
}

// Running is the address of the broker that another process runs on the directory, ""
// where none does. An error says that the directory cannot be looked into.
func Running(dir string) (addr string, err error) {
	path := filepath.Join(dir, lockName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	lock, err := lockDir(dir)
	if err == nil { // nobody has it
		return "", lock.Close()
	}
	b, readErr := os.ReadFile(path)
	if readErr != nil {
		return "", fmt.Errorf("embedded broker: lock file: %w", readErr)
	}
	lines := strings.Fields(string(b))
	if len(lines) < 2 {
		return "", err // it is about to start, or is of an older version
	}
	return lines[1], nil
}

// Kept tells whether there is a log in the directory.
func Kept(dir string) bool {
	list, err := os.ReadDir(filepath.Join(dir, logName))
	return err == nil && len(list) > 0
}

// Names in the directory.
const (
	lockName = "netlyra.lock"
	logName  = "log"
)
