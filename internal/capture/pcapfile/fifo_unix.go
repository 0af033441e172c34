//go:build unix

package pcapfile

import "syscall"

// release unblocks an open of the named pipe for reading by opening it briefly for writing.
// It does not block: without a reader that open fails at once (ENXIO).
func release(path string) {
	if fd, err := syscall.Open(path, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0); err == nil {
		_ = syscall.Close(fd)
	}
}
