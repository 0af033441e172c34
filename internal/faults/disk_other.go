//go:build !linux

package faults

import (
	"errors"
	"testing"
)

var errNoSpace = errors.ErrUnsupported

// NewDisk skips the test, because in-memory file systems are supported on Linux only.
func NewDisk(t testing.TB, _ int64) *Disk {
	t.Helper()
	t.Skip("skipped: a disk of limited size requires Linux")
	return newDisk("")
}

func freeBytes(string) (int64, error) { return 0, errors.ErrUnsupported }
