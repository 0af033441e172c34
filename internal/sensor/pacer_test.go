package sensor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

func TestPacer(t *testing.T) {
	const s = models.Timestamp(time.Second)
	for _, c := range []struct {
		name string
		pace Pace
		ts   []models.Timestamp
		want time.Duration
	}{
		{"as recorded", Pace{Speed: 1}, []models.Timestamp{5 * s, 6 * s, 8 * s}, 3 * time.Second},
		{"ten times", Pace{Speed: 10}, []models.Timestamp{5 * s, 6 * s, 8 * s}, 300 * time.Millisecond},
		{"at once", Pace{}, []models.Timestamp{0, 1000 * s}, 0},
		{"by rate", Pace{Speed: 1, Rate: 2}, []models.Timestamp{0, 1000 * s, 0}, time.Second},
		{"backward clock", Pace{Speed: 1}, []models.Timestamp{5 * s, 3 * s, 6 * s}, time.Second},
		{"a gap of days is cut", Pace{Speed: 1}, []models.Timestamp{0, 200000 * s, 200001 * s}, maxGap + time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, start := pacer{pace: c.pace}, time.Now()
				for _, ts := range c.ts {
					if err := p.wait(t.Context(), ts); err != nil {
						t.Fatal(err)
					}
				}
				if got := time.Since(start); got != c.want {
					t.Errorf("took %v, want %v", got, c.want)
				}
			})
		})
	}
}

func TestPacerEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p := pacer{pace: Pace{Speed: 1}}
		_ = p.wait(ctx, 0)
		if err := p.wait(ctx, models.Timestamp(5*time.Second)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}
	})
}
