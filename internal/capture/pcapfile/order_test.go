package pcapfile

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// timed is a capture with a frame at each of these seconds.
func timed(t *testing.T, name string, seconds ...int) string {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range seconds {
		f := models.Frame{TS: models.Timestamp(s) * 1e9, Link: 1, Data: testFrames[0], WireLen: 60}
		if err := w.Write(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return write(t, name, b.Bytes())
}

// Captures out of the order of time give one warning for each place where time goes back.
func TestFilesOutOfOrderAreLogged(t *testing.T) {
	early, middle, late := timed(t, "early", 10, 20), timed(t, "middle", 30, 40), timed(t, "late", 50, 60)
	across, none := timed(t, "across", 35, 55), timed(t, "none")
	for _, tt := range []struct {
		name     string
		files    []string
		warnings int
		says     string // part of the advice
	}{
		{"in order", []string{early, middle, late}, 0, ""},
		{"an end equal to a beginning", []string{timed(t, "a", 10, 20), timed(t, "b", 20, 30)}, 0, ""},
		{"time within a file goes back", []string{timed(t, "c", 20, 10), middle}, 0, ""},
		{"one pair", []string{middle, early, late}, 1, "--sort"},
		{"two pairs", []string{late, middle, early}, 2, "--sort"},
		{"overlap", []string{middle, across}, 1, "mergecap"},
		{"an empty one between", []string{late, none, early}, 1, "--sort"},
		{"an empty one first", []string{none, early, late}, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts, log := quiet()
			s, err := OpenAll(tt.files, opts)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := readAll(s); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(log.String(), "event="+string(vocabulary.EventCapturesOutOfOrder)); got != tt.warnings || !strings.Contains(log.String(), tt.says) {
				t.Errorf("%d warnings, want %d with %q:\n%s", got, tt.warnings, tt.says, log)
			}
		})
	}
}

func TestSortByTime(t *testing.T) {
	early, late := timed(t, "early", 10, 99), timed(t, "late", 50)
	same, none := timed(t, "same", 50), timed(t, "none")
	got, err := SortByTime([]string{none, late, same, early}, capture.Options{})
	if want := []string{early, late, same, none}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if _, err := SortByTime([]string{early, "-"}, capture.Options{}); err == nil {
		t.Error("standard input was sorted")
	}
	for _, bad := range []string{filepath.Join(t.TempDir(), "missing"), write(t, "text", []byte("no capture at all, only text"))} {
		if _, err := SortByTime([]string{early, bad}, capture.Options{}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v, want an error that names it", bad, err)
		}
	}
}
