package app

import (
	"context"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Pace says how fast a source's frames are let through.
type Pace struct {
	// Speed multiplies the capture's own pace: 1 is as it was recorded, 0 as fast as possible.
	Speed float64
	// Rate is frames per second, whatever their timestamps; it wins over Speed. 0: none.
	Rate float64
}

// pacer holds frames back until they are due. Frames that are late go at once, so
// that a short stall is caught up.
type pacer struct {
	pace   Pace
	start  time.Time
	first  models.Timestamp
	frames uint64
	timer  *time.Timer
	idle   func() // called before a wait that somebody might notice; may be nil
}

// slack is the shortest wait worth a timer: below it, frames go in small bursts.
const slack = time.Millisecond

// noticeable is the wait from which on counters should be right while it lasts.
const noticeable = 20 * time.Millisecond

// maxGap bounds the wait for one frame, so that a capture of two days with nothing in
// between, or with a broken clock, does not look hung; the pace goes on from there.
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

// due is when the next frame goes, as a distance from the start.
func (p *pacer) due(ts models.Timestamp) time.Duration {
	if p.pace.Rate > 0 {
		return time.Duration(float64(p.frames) / p.pace.Rate * float64(time.Second))
	}
	return time.Duration(float64(ts-p.first) / p.pace.Speed)
}
