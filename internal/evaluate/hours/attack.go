package hours

import (
	"context"
	"path/filepath"
	"time"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
)

// attack is the capture of an attack, placed in the hour.
type attack struct {
	name  string
	known entry
	tracked
	ends ends
}

// begin returns the time of its first frame.
func (a *attack) begin() models.Timestamp { return a.times[0] }

// end returns the time of its last frame.
func (a *attack) end() models.Timestamp { return a.times[len(a.times)-1] }

// newAttack places the frames of r, of which there is at least one, and tracks them. Frames
// after the end of the hour are omitted.
func newAttack(ctx context.Context, cfg *config.Config, c *Config, r *recording, known entry) (*attack, error) {
	begin := c.At * float64(span)
	r.within(time.Duration((1 - c.At) * float64(span)))
	a := &attack{name: filepath.Base(r.path), known: known, ends: newEnds()}
	frames := make([]placed, len(r.frames))
	for i := range r.frames {
		f := &r.frames[i]
		frames[i] = placed{at(begin + float64(f.at)), f}
		a.ends.add(f.data)
	}
	t, err := track(ctx, cfg, frames)
	if err != nil {
		return nil, err
	}
	a.tracked = *t
	r.frames = nil // the packets are enough
	return a, nil
}
