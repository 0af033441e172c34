//go:build !linux

package faults

import (
	"errors"
	"testing"
)

var errNoSpace = errors.ErrUnsupported

// NewDisk leaves the test out: only Linux has file systems in memory by this name.
func NewDisk(t testing.TB, _ int64) *Disk {
	t.Helper()
	t.Skip("left out: a disk of limited size needs Linux")
	return newDisk("")
}

func freeBytes(string) (int64, error) { return 0, errors.ErrUnsupported }
