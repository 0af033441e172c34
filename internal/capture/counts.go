package capture

import (
	"sync"
	"sync/atomic"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Counts holds the counters of a source. One goroutine counts, any goroutine may call Stats.
// The hot counters are plain integers that are published every 64 frames and whenever the
// source is idle, so that counting takes less than a nanosecond per frame. The zero value is
// ready for use.
type Counts struct {
	received, filtered, own uint64 // owned by the goroutine that counts
	pubReceived             atomic.Uint64
	pubFiltered, pubOwn     atomic.Uint64
	mu                      sync.Mutex
	rare                    map[string]uint64
}

// Receive counts a frame that is yielded.
func (c *Counts) Receive() {
	if c.received++; c.received&63 == 0 {
		c.Publish()
	}
}

// Filtered counts a frame that does not match the filter.
func (c *Counts) Filtered() {
	if c.filtered++; c.filtered&63 == 0 {
		c.Publish()
	}
}

// OwnTraffic counts a frame of NetLyra itself.
func (c *Counts) OwnTraffic() {
	if c.own++; c.own&63 == 0 {
		c.Publish()
	}
}

// Drop counts n frames that were not yielded, by reason. It takes a lock; use it for rare
// events.
func (c *Counts) Drop(reason string, n uint64) {
	if n == 0 {
		return
	}
	c.mu.Lock()
	if c.rare == nil {
		c.rare = map[string]uint64{}
	}
	c.rare[reason] += n
	c.mu.Unlock()
}

// Publish makes all counts visible to Stats. A source calls it at its end and whenever it
// waits.
func (c *Counts) Publish() {
	c.pubReceived.Store(c.received)
	c.pubFiltered.Store(c.filtered)
	c.pubOwn.Store(c.own)
}

// Stats returns the published counts. Safe for concurrent use.
func (c *Counts) Stats() Stats {
	s := Stats{Received: c.pubReceived.Load(), ByReason: map[string]uint64{}}
	c.mu.Lock()
	for r, n := range c.rare {
		s.ByReason[r] = n
		if isLoss(r) {
			s.Dropped += n
		}
	}
	c.mu.Unlock()
	if n := c.pubFiltered.Load(); n > 0 {
		s.ByReason[vocabulary.DropFilter] += n
	}
	if n := c.pubOwn.Load(); n > 0 {
		s.ByReason[vocabulary.DropOwnTraffic] += n
	}
	return s
}
