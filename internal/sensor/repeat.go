package sensor

import (
	"errors"
	"io"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// roundGap is the event time between the last frame of one round and the first of the next.
const roundGap = models.Timestamp(1e9)

// repeated plays a source over and over, each round later in event time than the one
// before, so that time never runs backward between rounds.
type repeated struct {
	open        func() (capture.Source, error)
	src         capture.Source
	shift       models.Timestamp
	first, last models.Timestamp
	any         bool          // this round had a frame
	past        capture.Stats // of earlier rounds
}

// Repeat returns a source that plays what open opens over and over; a round without a
// frame ends it. The first round is opened at once, so that Repeat reports a bad file.
func Repeat(open func() (capture.Source, error)) (capture.Source, error) {
	src, err := open()
	return &repeated{open: open, src: src}, err
}

func (r *repeated) Next(f *models.Frame) error {
	err := r.src.Next(f)
	if errors.Is(err, io.EOF) {
		if !r.any { // an empty capture would spin
			return err
		}
		if err := r.reopen(); err != nil {
			return err
		}
		err = r.src.Next(f)
	}
	if err != nil {
		return err
	}
	if !r.any {
		r.any, r.first, r.last = true, f.TS, f.TS
	}
	r.first, r.last = min(r.first, f.TS), max(r.last, f.TS)
	f.TS += r.shift
	return nil
}

// reopen opens the next round.
func (r *repeated) reopen() error {
	r.past = addStats(r.past, r.src.Stats())
	if err := r.src.Close(); err != nil {
		return err
	}
	src, err := r.open()
	if err != nil {
		return err
	}
	r.src, r.any = src, false
	r.shift += r.last - r.first + roundGap
	return nil
}

func (r *repeated) Close() error         { return r.src.Close() }
func (r *repeated) Stats() capture.Stats { return addStats(r.past, r.src.Stats()) }

// addStats returns the sum of two counts.
func addStats(a, b capture.Stats) capture.Stats {
	sum := capture.Stats{Received: a.Received + b.Received, Dropped: a.Dropped + b.Dropped}
	for _, m := range []map[string]uint64{a.ByReason, b.ByReason} {
		for reason, n := range m {
			if sum.ByReason == nil {
				sum.ByReason = map[string]uint64{}
			}
			sum.ByReason[reason] += n
		}
	}
	return sum
}

// rebased shifts a source in event time so that its first frame is at start.
type rebased struct {
	capture.Source
	start   models.Timestamp
	shift   models.Timestamp
	started bool
}

func (r *rebased) Next(f *models.Frame) error {
	if err := r.Source.Next(f); err != nil {
		return err
	}
	if !r.started {
		r.started, r.shift = true, r.start-f.TS
	}
	f.TS += r.shift
	return nil
}

// BytesRead returns how many bytes of a source's files were read, and of how many. Both are
// zero for a source that has no files, does not know, or repeats them. Any goroutine may call.
func BytesRead(src capture.Source) (done, total int64) {
	switch s := src.(type) {
	case capture.Progresser:
		return s.Progress()
	case *rebased:
		return BytesRead(s.Source)
	}
	return 0, 0
}
