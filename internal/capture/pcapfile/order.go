package pcapfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// fileTimes compares the times of files that are read one after the other.
type fileTimes struct {
	file        string           // current file
	first, last models.Timestamp // earliest and latest frame of it
}

// see notes the time of a frame of file. It warns once for each file that begins before the
// end of the previous one, because connections are then ended too early or split.
func (t *fileTimes) see(file string, ts models.Timestamp, log *slog.Logger) {
	if file == t.file {
		t.first, t.last = min(t.first, ts), max(t.last, ts)
		return
	}
	before := *t
	*t = fileTimes{file, ts, ts}
	if before.file == "" || ts >= before.last || log == nil {
		return
	}
	advice := "name the files in the order of time, or use --sort"
	if ts >= before.first {
		advice = "the times of the files overlap: merge them first, for example with mergecap"
	}
	log.Warn("capture file begins before the end of the previous one", vocabulary.EventCapturesOutOfOrder.Attr(), "advice", advice,
		"file", file, "begins", ts.Time(), "previous", before.file, "previous_ends", before.last.Time())
}

// SortByTime returns the capture files in the order of their first frames. Files without a
// frame are last; files that compare equal keep their order. All must be regular files,
// because they are opened twice.
func SortByTime(paths []string, opts capture.Options) ([]string, error) {
	type begin struct {
		path  string
		ts    models.Timestamp
		empty bool
	}
	begins := make([]begin, len(paths))
	for i, path := range paths {
		if st, err := os.Stat(path); path == "-" || err == nil && !st.Mode().IsRegular() {
			return nil, fmt.Errorf("sort captures: %s is not a regular file and can be read only once: name the files in the order of time", path)
		}
		ts, empty, err := firstTime(path, opts)
		if err != nil {
			return nil, err
		}
		begins[i] = begin{path, ts, empty}
	}
	slices.SortStableFunc(begins, func(a, b begin) int {
		if a.empty != b.empty {
			if a.empty {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.ts, b.ts)
	})
	sorted := make([]string, len(begins))
	for i, b := range begins {
		sorted[i] = b.path
	}
	return sorted, nil
}

// firstTime returns the time of the first frame of a file.
func firstTime(path string, opts capture.Options) (ts models.Timestamp, empty bool, err error) {
	opts.Filter, opts.Log = "", slog.New(slog.DiscardHandler) // warnings are logged when it is read
	src, err := Open(path, opts)
	if err != nil {
		return 0, false, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	var f models.Frame
	switch err := src.Next(&f); {
	case errors.Is(err, io.EOF):
		return 0, true, nil
	case err != nil:
		return 0, false, err
	}
	return f.TS, false, nil
}
