//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package fsguard

import (
	"errors"
	"os"
)

const noFollow = 0

// lockFile cannot keep anybody out on this system, and says so.
func lockFile(*os.File, bool) error { return errors.ErrUnsupported }
