package bench

import (
	"io"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// stampEvery is how many frames share one reading of the clock in a source without a rate.
const stampEvery = 32

// stamped sets the time of each frame to when it is due: by rate, or now if rate is 0. It
// ends when the stamps exceed the duration.
type stamped struct {
	capture.Source
	rate     float64 // frames per second
	duration time.Duration
	start    time.Time
	frames   uint64
	now      time.Duration
}

func (s *stamped) Next(f *models.Frame) error {
	if err := s.Source.Next(f); err != nil {
		return err
	}
	if s.frames == 0 {
		s.start = time.Now()
	}
	switch {
	case s.rate > 0:
		s.now = time.Duration(float64(s.frames) / s.rate * 1e9)
	case s.frames%stampEvery == 0:
		s.now = time.Since(s.start)
	}
	if s.now >= s.duration {
		return io.EOF
	}
	s.frames++
	f.TS = models.TimestampOf(s.start.Add(s.now))
	return nil
}
