//go:build unix

package pcapfile

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

func namedPipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNamedPipeWithoutAWriter is idle, not stuck, and its goroutine ends with Close.
func TestNamedPipeWithoutAWriter(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	src, err := Open(namedPipe(t), capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var f models.Frame
	for range 3 {
		if err := src.Next(&f); !errors.Is(err, capture.ErrIdle) {
			t.Fatalf("Next: %v, want ErrIdle", err)
		}
	}
	if err := src.Close(); err != nil {
		t.Error(err)
	}
}

// TestNamedPipeIsReadToItsEnd: as a file, also where the writer comes late.
func TestNamedPipeIsReadToItsEnd(t *testing.T) {
	path := namedPipe(t)
	src, err := Open(path, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f models.Frame
	if err := src.Next(&f); !errors.Is(err, capture.ErrIdle) {
		t.Fatalf("before there is a writer: %v", err)
	}
	go func() {
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err == nil {
			_, _ = w.Write(pcapFile(binary.LittleEndian, pcapMicro, 3))
			_ = w.Close()
		}
	}()
	frames := 0
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		switch err := src.Next(&f); {
		case err == nil:
			frames++
		case errors.Is(err, io.EOF):
			if frames != 3 {
				t.Errorf("%d frames, want 3", frames)
			}
			return
		case !errors.Is(err, capture.ErrIdle):
			t.Fatal(err)
		}
	}
	t.Errorf("no end after %d frames", frames)
}
