package app

import (
	"errors"
	"io"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// loopGap is the event time between the last frame of one round and the first of
// the next.
const loopGap = models.Timestamp(1e9)

// looped plays a source over and over, each round later in event time than the one
// before, so that time never runs backward between rounds.
type looped struct {
	open        func() (capture.Source, error)
	src         capture.Source
	shift       models.Timestamp
	first, last models.Timestamp
	any         bool // the round had a frame
	past        capture.Stats
}

// Loop is a source that plays what open opens over and over; a source without a frame
// ends it. The first round is opened now, so that a bad file is an error now.
func Loop(open func() (capture.Source, error)) (capture.Source, error) {
	src, err := open()
	return &looped{open: open, src: src}, err
}

func (l *looped) Next(f *models.Frame) error {
	err := l.src.Next(f)
	if errors.Is(err, io.EOF) {
		if !l.any { // nothing to repeat: an empty capture would spin
			return err
		}
		if err := l.again(); err != nil {
			return err
		}
		err = l.src.Next(f)
	}
	if err != nil {
		return err
	}
	if !l.any {
		l.any, l.first, l.last = true, f.TS, f.TS
	}
	l.first, l.last = min(l.first, f.TS), max(l.last, f.TS)
	f.TS += l.shift
	return nil
}

// again opens the next round.
func (l *looped) again() error {
	l.past = addStats(l.past, l.src.Stats())
	if err := l.src.Close(); err != nil {
		return err
	}
	src, err := l.open()
	if err != nil {
		return err
	}
	l.src, l.any = src, false
	l.shift += l.last - l.first + loopGap
	return nil
}

func (l *looped) Close() error         { return l.src.Close() }
func (l *looped) Stats() capture.Stats { return addStats(l.past, l.src.Stats()) }

// addStats is the sum of two counts.
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

// rebased moves a source in event time so that its first frame is at start.
type rebased struct {
	capture.Source
	start models.Timestamp
	shift models.Timestamp
	begun bool
}

func (r *rebased) Next(f *models.Frame) error {
	if err := r.Source.Next(f); err != nil {
		return err
	}
	if !r.begun {
		r.begun, r.shift = true, r.start-f.TS
	}
	f.TS += r.shift
	return nil
}
