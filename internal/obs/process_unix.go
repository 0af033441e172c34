//go:build unix

package obs

import (
	"syscall"
	"time"
)

// ProcessCPU is the processor time that this process took, user and system.
func ProcessCPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
