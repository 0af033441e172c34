//go:build unix

package netlimit

import (
	"net"
	"os"
	"syscall"
)

// DescriptorLimit returns how many file descriptors the process may open; ok is false if
// the limit cannot be read. The runtime raises the soft limit to the hard one at start.
func DescriptorLimit() (limit uint64, ok bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0, false
	}
	return uint64(r.Cur), true //nolint:unconvert // signed on FreeBSD
}

// OpenDescriptors counts the open descriptors of the process by listing them, which needs
// one itself; ok is false if that fails, for example because none is left. It makes a
// system call per few hundred descriptors, so it should not be called per connection.
func OpenDescriptors() (open uint64, ok bool) {
	d, err := os.Open("/dev/fd")
	if err != nil {
		return 0, false
	}
	defer func() { _ = d.Close() }()
	names, err := d.Readdirnames(-1)
	if err != nil || len(names) == 0 {
		return 0, false
	}
	return uint64(len(names) - 1), true // without the one used for listing
}

// descriptor returns the file descriptor of the connection.
func descriptor(c net.Conn) (fd uint64, ok bool) {
	s, isSys := c.(syscall.Conn)
	if !isSys {
		return 0, false
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return 0, false
	}
	err = raw.Control(func(n uintptr) { fd = uint64(n) })
	return fd, err == nil
}

// Spare reports whether the process can open n (at most 64) more descriptors. It opens and
// closes them, in about a microsecond each, because only that covers all limits. It
// returns true if it cannot try.
func Spare(n int) bool {
	syscall.ForkLock.RLock() // a child process must not inherit them
	defer syscall.ForkLock.RUnlock()
	var fds [64]int
	open := 0
	defer func() {
		for _, fd := range fds[:open] {
			_ = syscall.Close(fd)
		}
	}()
	for open < min(n, len(fds)) {
		fd, err := spareDescriptor()
		if err != nil {
			return err != syscall.EMFILE && err != syscall.ENFILE
		}
		fds[open] = fd
		open++
	}
	return true
}

// spareDescriptor opens some descriptor: a duplicate of standard input or, if that is
// closed, the root directory.
func spareDescriptor() (int, error) {
	fd, err := syscall.Dup(0)
	if err != syscall.EBADF {
		return fd, err
	}
	return syscall.Open("/", syscall.O_RDONLY, 0)
}
