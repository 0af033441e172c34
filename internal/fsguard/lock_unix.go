//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package fsguard

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// noFollow keeps Take from writing through a symbolic link that another user created in
// a world-writable directory.
const noFollow = unix.O_NOFOLLOW

// lockFile takes an exclusive or a shared lock without waiting. It returns errHeld if
// another open file holds the lock, and errors.ErrUnsupported if the file system has no
// locks.
func lockFile(f *os.File, exclusive bool) error {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	for {
		switch err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errHeld
		case errors.Is(err, unix.ENOLCK), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
			return errors.ErrUnsupported
		default:
			return err
		}
	}
}
