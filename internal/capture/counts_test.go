package capture

import (
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// TestCountsByReason: every drop reason of the vocabulary appears under its code; only losses
// count as dropped, frames skipped on purpose do not.
func TestCountsByReason(t *testing.T) {
	var c Counts
	want := map[string]uint64{}
	lost := uint64(0)
	for i, e := range vocabulary.CaptureDrops {
		n := uint64(i + 1)
		want[e.Code] = n
		switch e.Code {
		case vocabulary.DropFilter:
			for range n {
				c.Filtered()
			}
		case vocabulary.DropOwnTraffic:
			for range n {
				c.OwnTraffic()
			}
		default:
			c.Drop(e.Code, n)
			lost += n
		}
	}
	c.Drop(vocabulary.DropKernel, 0)
	c.Publish()
	s := c.Stats()
	if !maps.Equal(s.ByReason, want) || s.Dropped != lost || s.Received != 0 {
		t.Errorf("got %+v, want %v and %d lost", s, want, lost)
	}
	s.ByReason[vocabulary.DropKernel] = 99
	if again := c.Stats(); !maps.Equal(again.ByReason, want) {
		t.Error("a caller changed the counts")
	}
}

// TestCountsAreAtMostABlockBehind: without Publish a reader is at most 63 frames behind, and
// never ahead.
func TestCountsAreAtMostABlockBehind(t *testing.T) {
	var c Counts
	for n := uint64(1); n <= 1000; n++ {
		c.Receive()
		if got := c.Stats().Received; got > n || n-got > 63 {
			t.Fatalf("%d frames, %d published", n, got)
		}
	}
	c.Publish()
	if got := c.Stats().Received; got != 1000 {
		t.Errorf("%d frames after Publish, want 1000", got)
	}
}

// TestCountsForOtherGoroutines: readers see counts that never decrease while another goroutine
// counts.
func TestCountsForOtherGoroutines(t *testing.T) {
	var c Counts
	const frames = 50_000
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			var last Stats
			for {
				s := c.Stats()
				if s.Received < last.Received || s.Dropped < last.Dropped || s.ByReason[vocabulary.DropFilter] < last.ByReason[vocabulary.DropFilter] {
					t.Errorf("%+v after %+v", s, last)
					return
				}
				last = s
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	rng := rand.New(rand.NewPCG(11, 70))
	var received, filtered, dropped uint64
	for range frames {
		switch rng.IntN(10) {
		case 0:
			filtered++
			c.Filtered()
		case 1:
			dropped++
			c.Drop(vocabulary.DropKernel, 1)
		default:
			received++
			c.Receive()
		}
	}
	c.Publish()
	close(done)
	wg.Wait()
	if s := c.Stats(); s.Received != received || s.Dropped != dropped || s.ByReason[vocabulary.DropFilter] != filtered {
		t.Errorf("%+v, want %d, %d, %d", s, received, dropped, filtered)
	}
}

// TestOptionDefaults: zero values are replaced and others kept; the result is valid at both
// ends of each range, and all errors are reported at once.
func TestOptionDefaults(t *testing.T) {
	o := Options{}.WithDefaults()
	if o.SnapLen != MaxFrame || o.RingBytes != defaultRing || o.Log == nil || o.Promiscuous {
		t.Errorf("defaults %+v", o)
	}
	log := slog.New(slog.DiscardHandler)
	if o = (Options{SnapLen: 64, RingBytes: minRing, Log: log}).WithDefaults(); o.SnapLen != 64 || o.RingBytes != minRing || o.Log != log {
		t.Errorf("given values were replaced: %+v", o)
	}
	for _, snap := range []int{0, 64, 65, MaxFrame} {
		for _, ring := range []int{0, minRing, maxRing} {
			if err := (Options{SnapLen: snap, RingBytes: ring}).Validate(); err != nil {
				t.Errorf("snap length %d, ring %d: %v", snap, ring, err)
			}
		}
	}
	err := Options{SnapLen: 1, RingBytes: maxRing + 1}.Validate()
	var all interface{ Unwrap() []error }
	if !errors.As(err, &all) || len(all.Unwrap()) != 2 {
		t.Errorf("two invalid options: %v", err)
	}
}
