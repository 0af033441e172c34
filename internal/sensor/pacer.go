package sensor

import (
	"context"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Pace is how fast frames are read. The zero value is as fast as possible.
type Pace struct {
	// Speed multiplies the recorded pace: 1 is as recorded, 0 is as fast as possible.
	Speed float64
	// Rate is frames per second regardless of timestamps; 0 is not set. It takes
	// precedence over Speed.
	Rate float64
}

// pacer delays frames until they are due. Late frames are not delayed, so that a short
// stall is made up.
type pacer struct {
	pace   Pace
	start  time.Time
	first  models.Timestamp
	frames uint64
	timer  *time.Timer
	idle   func() // called before a noticeable wait; may be nil
}

// slack is the shortest wait worth a timer; frames that are due sooner go in small bursts.
const slack = time.Millisecond

// noticeable is the shortest wait for which counters are brought up to date.
const noticeable = 20 * time.Millisecond

// maxGap bounds the wait for one frame, so that a capture with a gap of days or a broken
// clock does not look stuck. Later frames are paced from there.
const maxGap = 10 * time.Second

// wait blocks until a frame with event time ts is due, or until ctx ends.
func (p *pacer) wait(ctx context.Context, ts models.Timestamp) error {
	if p.pace.Rate <= 0 && p.pace.Speed <= 0 {
		return nil
	}
	if p.frames == 0 {
		p.start, p.first = time.Now(), ts
	}
	due := p.due(ts)
	p.frames++
	ahead := due - time.Since(p.start)
	if ahead < slack {
		return nil
	}
	if ahead > maxGap && p.pace.Rate <= 0 {
		p.start = p.start.Add(maxGap - ahead)
		ahead = maxGap
	}
	if p.idle != nil && ahead >= noticeable {
		p.idle()
	}
	if p.timer == nil {
		p.timer = time.NewTimer(ahead)
	} else {
		p.timer.Reset(ahead)
	}
	select {
	case <-ctx.Done():
		p.timer.Stop()
		return ctx.Err()
	case <-p.timer.C:
		return nil
	}
}

// due returns when the next frame is due, relative to the start.
func (p *pacer) due(ts models.Timestamp) time.Duration {
	if p.pace.Rate > 0 {
		return time.Duration(float64(p.frames) / p.pace.Rate * float64(time.Second))
	}
	return time.Duration(float64(ts-p.first) / p.pace.Speed)
}
