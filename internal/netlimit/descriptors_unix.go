//go:build unix

package netlimit

import (
	"net"
	"os"
	"syscall"
)

// DescriptorLimit is how many file descriptors the process may have open; ok is false
// where the system has no such limit that a process can read. The runtime raises the
// soft limit to the hard one at start.
func DescriptorLimit() (limit uint64, ok bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0, false
	}
	return uint64(r.Cur), true //nolint:unconvert // it is signed on FreeBSD
}

// OpenDescriptors counts the process's open descriptors by listing them, which takes one
// for a moment; ok is false where they cannot be listed, as when none is left. It costs a
// system call for each few hundred descriptors: for metrics, not for each connection.
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
	return uint64(len(names) - 1), true // without the one that lists
}

// descriptor is the number of the connection's descriptor.
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

// Spare reports whether the process can open n more descriptors just now. It opens so
// many and closes them again, a microsecond each: the one answer that holds wherever the
// limit comes from. It is true where this cannot be tried.
func Spare(n int) bool {
	syscall.ForkLock.RLock() // a child must not have them
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

// spareDescriptor opens anything. Standard input is open in every process that did not
// close it; the working directory can be opened where it exists.
func spareDescriptor() (int, error) {
	fd, err := syscall.Dup(0)
	if err != syscall.EBADF {
		return fd, err
	}
	return syscall.Open("/", syscall.O_RDONLY, 0)
}
