//go:build unix

package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// lockDir takes the directory for this process. The lock goes with the process,
// however it ends.
func lockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("embedded broker: lock file: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		holder := make([]byte, 96)
		n, _ := f.Read(holder)
		_ = f.Close()
		pid, addr, _ := strings.Cut(strings.TrimSpace(string(holder[:n])), "\n")
		if addr != "" {
			addr = "=" + addr
		}
		return nil, fmt.Errorf("embedded broker: data directory %s is in use by process %s: stop it, connect to it with KAFKA_BROKERS%s, or set DATA_DIR to another directory", dir, pid, addr)
	}
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return f, nil
}

func freeBytes(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
