package faults

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Disk is a file system of limited size with a file that uses up its space.
type Disk struct {
	Dir     string
	ballast string
}

// Fill uses all space except for about free bytes.
func (d *Disk) Fill(t testing.TB, free int64) {
	t.Helper()
	f, err := os.OpenFile(d.ballast, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 64<<10)
	for {
		left, err := freeBytes(d.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if left <= free {
			return
		}
		if _, err := f.Write(b[:min(int64(len(b)), left-free)]); err != nil {
			if errors.Is(err, errNoSpace) {
				return
			}
			t.Fatal(err)
		}
	}
}

// Free deletes the file of Fill.
func (d *Disk) Free(t testing.TB) {
	t.Helper()
	if err := os.Remove(d.ballast); err != nil {
		t.Fatal(err)
	}
}

func newDisk(dir string) *Disk { return &Disk{Dir: dir, ballast: filepath.Join(dir, "ballast")} }
