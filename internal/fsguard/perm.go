package fsguard

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// others are the permissions of everyone but the owner.
const others fs.FileMode = 0o077

// MkdirAll creates the directory and its missing parents, accessible to this user only.
// Existing directories keep their permissions.
func MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

// Create creates an empty file, accessible to this user only, if it does not exist. It does
// not open an existing file, because closing it would release the locks that SQLite
// holds on it in this process.
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

// Wide is a file or directory that other users can access.
type Wide struct {
	Path string
	Mode fs.FileMode // present permissions
	Want fs.FileMode // 0600, or 0700 for a directory
}

// String returns the path with the present and the wanted mode.
func (w Wide) String() string {
	return fmt.Sprintf("%s has mode %04o, want %04o", w.Path, w.Mode, w.Want)
}

// Advice returns the command that corrects the mode.
func (w Wide) Advice() string { return fmt.Sprintf("chmod %o %s", w.Want, w.Path) }

// TooWide returns those of paths that other users can read, write or search. It omits paths
// that do not exist or cannot be examined, and returns nil on systems whose permissions
// are not mode bits.
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

// Warn logs a warning for each of paths that is too wide.
func Warn(log *slog.Logger, paths ...string) {
	for _, w := range TooWide(paths...) {
		log.Warn("other users can access stored data", vocabulary.EventPermissionsTooWide.Attr(),
			"path", w.Path, "mode", fmt.Sprintf("%04o", w.Mode), "want", fmt.Sprintf("%04o", w.Want), "advice", w.Advice())
	}
}
