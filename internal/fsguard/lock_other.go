//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package fsguard

import (
	"errors"
	"os"
)

const noFollow = 0

// lockFile returns errors.ErrUnsupported, because this system has no such lock.
func lockFile(*os.File, bool) error { return errors.ErrUnsupported }
