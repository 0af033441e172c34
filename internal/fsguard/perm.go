package fsguard

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
)

// CodeTooWide is the code of log records about permissions.
const CodeTooWide = "permissions_too_wide"

// others are the permissions of everybody but the owner.
const others fs.FileMode = 0o077

// MkdirAll makes the directory, and those above it that are absent, for this user alone.
// What exists keeps its permissions.
func MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

// Create makes an empty file for this user alone where there is none. An existing file
// is not opened: closing it again would release the locks that SQLite holds on it in
// this process.
func Create(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// Wide is a file or directory that other users can use.
type Wide struct {
	Path string
	Mode fs.FileMode // permissions that it has
	Want fs.FileMode // 0600, or 0700 of a directory
}

// String says what it has and should have.
func (w Wide) String() string {
	return fmt.Sprintf("%s has mode %04o, want %04o", w.Path, w.Mode, w.Want)
}

// Advice is the command that corrects it.
func (w Wide) Advice() string { return fmt.Sprintf("chmod %o %s", w.Want, w.Path) }

// TooWide returns those of paths that other users can read, write or search. Paths that do not
// exist, or that cannot be looked at, are left out; so is everything on systems
// whose permissions are no mode bits.
func TooWide(paths ...string) (wide []Wide) {
	if runtime.GOOS == "windows" {
		return nil
	}
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil || st.Mode().Perm()&others == 0 {
			continue
		}
		w := Wide{Path: p, Mode: st.Mode().Perm(), Want: 0o600}
		if st.IsDir() {
			w.Want = 0o700
		}
		wide = append(wide, w)
	}
	return wide
}

// Warn logs one record for each of paths that is too wide.
func Warn(log *slog.Logger, paths ...string) {
	for _, w := range TooWide(paths...) {
		log.Warn("other users can use what NetLyra stores", "code", CodeTooWide,
			"path", w.Path, "mode", fmt.Sprintf("%04o", w.Mode), "want", fmt.Sprintf("%04o", w.Want), "advice", w.Advice())
	}
}
