package analyze

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/capture/demo/demotest"
	"github.com/netlyra/netlyra/internal/models"
)

// limited yields the first frames of a source, then err; at is called before the last.
type limited struct {
	capture.Source
	left int
	err  error
	at   func()
}

func (l *limited) Next(f *models.Frame) error {
	if l.left == 0 {
		return l.err
	}
	if l.left--; l.left == 0 && l.at != nil {
		l.at()
	}
	return l.Source.Next(f)
}

func TestResultsBeforeDamageAreWritten(t *testing.T) {
	damage := errors.New("read capture x.pcap: at offset 9: no")
	want, err := analyze(t, t.Context(), Config{Source: &limited{demotest.Office(t, 8*time.Second), 3000, io.EOF, nil}, Format: FormatNDJSON})
	if err != nil || want == "" {
		t.Fatal(want, err)
	}
	got, err := analyze(t, t.Context(), Config{Source: &limited{demotest.Office(t, 8*time.Second), 3000, damage, nil}, Format: FormatNDJSON})
	if !errors.Is(err, damage) {
		t.Errorf("got %v, want the error of the source", err)
	}
	if got != want {
		t.Error(cmp.Diff(want, got))
	}
}

func TestInterruptStopsReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	src := &limited{demotest.Office(t, time.Hour), 5120, io.EOF, nil}
	src.at = func() { src.left = 1 << 30; cancel() }
	out, err := analyze(t, ctx, Config{Source: src, Format: FormatTable})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(out, "interrupted") || !strings.Contains(out, "5,120, ") {
		t.Errorf("the table does not show the results so far:\n%s", out)
	}
	if rest := 1<<30 - src.left; rest > 256 {
		t.Errorf("%d frames were read after the interrupt", rest)
	}
}

// idle is a pipe without data.
type idle struct{ capture.Source }

func (idle) Next(f *models.Frame) error { return capture.ErrIdle }

func TestInterruptWithIdlePipe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := analyze(t, ctx, Config{Source: idle{demotest.Office(t, time.Second)}, Format: FormatZeek}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorEndsAnalysis(t *testing.T) {
	for _, a := range []Config{
		{Format: FormatNDJSON}, {Format: FormatZeek}, {Format: FormatCSV}, {Scores: "-"}, {Format: FormatZeek, Partitions: 3},
	} {
		src := &limited{demotest.Office(t, time.Hour), 1 << 30, io.EOF, nil}
		a.Source, a.Stdout = src, fullDisk{}
		if _, err := analyze(t, t.Context(), a); !errors.Is(err, errFull) {
			t.Errorf("%+v: got %v, want the write error", a, err)
		}
	}
	if _, err := analyze(t, t.Context(), Config{Source: demotest.Office(t, time.Second), Format: FormatTable, Stdout: fullDisk{}}); !errors.Is(err, errFull) {
		t.Errorf("table: got %v, want the write error", err)
	}
}

func TestCaptureIsNotOverwritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.pcap")
	if _, err := demo.WriteFiles(t.Context(), demo.FilesConfig{Capture: name, Seed: 1, Duration: time.Second}); err != nil {
		t.Fatal(err)
	}
	before := read(t, name)
	_, err := analyze(t, t.Context(), Config{Files: []string{name}, Format: FormatTable, Alerts: name})
	if err == nil || !strings.Contains(err.Error(), name) || read(t, name) != before {
		t.Errorf("got %v", err)
	}
}

func TestInvalidFileIsReportedBeforeReading(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.pcap"), filepath.Join(dir, "bad.pcap")
	if _, err := demo.WriteFiles(t.Context(), demo.FilesConfig{Capture: good, Seed: 1, Duration: time.Second}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, files := range [][]string{{bad}, {good, bad}, {good, filepath.Join(dir, "absent.pcap")}, {}} {
		out, err := analyze(t, t.Context(), Config{Files: files, Format: FormatZeek, Dir: filepath.Join(dir, "out")})
		if err == nil || len(files) > 0 && !strings.Contains(err.Error(), files[len(files)-1]) {
			t.Errorf("%v: got %v, want an error that names the file", files, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "out")); out != "" || err == nil {
			t.Errorf("%v: output was written", files)
		}
	}
}
