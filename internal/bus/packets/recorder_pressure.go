package packets

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/netlyra/netlyra/internal/bus/client"
)

// recorderPressure holds Publish back while the recorder is so far behind on the
// connections topic that retention could remove connections before they are stored. Live
// capture is not held back: its packets matter more than the states of its connections.
type recorderPressure struct {
	c      *client.Client
	behind atomic.Bool

	polling sync.Mutex // held by one poll at a time; protects the fields below
	read    int64      // sum of the offsets up to which is recorded
	moved   time.Time
}

// poll updates behind. An error leaves it unchanged.
func (g *recorderPressure) poll(ctx context.Context) error {
	c, topic := g.c, g.c.Config().Topics.Connections
	records, bytes := c.PublishedConnections()
	if c.Config().CoreGroup == "" || records == 0 {
		return nil
	}
	g.polling.Lock()
	defer g.polling.Unlock()
	spans, err := c.SpansOnce(ctx, topic)
	if err != nil {
		return err
	}
	commits, err := c.Admin().FetchOffsetsForTopics(ctx, c.Config().CoreGroup, topic)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) && !errors.Is(err, kerr.CoordinatorNotAvailable) {
		return err
	}
	lag, read, committed := int64(0), int64(0), false
	for k, s := range spans {
		at := max(s.Start, c.Position(c.Config().CoreGroup, topic, k.Partition))
		if o, ok := commits.Lookup(topic, k.Partition); ok && o.Err == nil && o.At >= 0 {
			at, committed = max(at, o.At), true
		}
		lag, read = lag+s.High-at, read+at
	}
	if now := time.Now(); read > g.read || g.moved.IsZero() {
		g.read, g.moved = read, now
	}
	kept := c.Watcher().Topic(topic).RetentionBytes // of each partition
	if kept == 0 {
		kept = c.Config().EventsRetentionBytes
	}
	kept *= int64(len(spans))
	g.behind.Store(kept > 0 && lag*(bytes/records) > int64(shareRead*float64(kept)) && g.works(ctx, committed))
	return nil
}

// works reports whether waiting helps: there is a recorder, and it makes progress.
func (g *recorderPressure) works(ctx context.Context, committed bool) bool {
	if time.Since(g.moved) > g.c.Config().StallAfter {
		return false
	}
	return committed || memberCount(ctx, g.c, g.c.Config().CoreGroup) > 0
}
