package faults

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

const errNoSpace = syscall.ENOSPC

// NewDisk mounts an in-memory file system of size bytes. Only root can; for other users the
// test is skipped.
func NewDisk(t testing.TB, size int64) *Disk {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("netlyra-faults", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", size)); err != nil {
		t.Skipf("skipped: a disk of limited size cannot be mounted here (%v); run as root", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Log(&os.PathError{Op: "unmount", Path: dir, Err: err})
		}
	})
	return newDisk(dir)
}

func freeBytes(dir string) (int64, error) {
	var s syscall.Statfs_t
	err := syscall.Statfs(dir, &s)
	return int64(s.Bavail) * s.Bsize, err
}
