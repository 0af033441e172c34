package bus

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// recorderPressure holds back who reads files while the recorder is so far behind on the
// connections topic that retention might remove states that are not stored yet. A live
// source is not held back: its packets are worth more than states of its connections.
type recorderPressure struct {
	c         *Client
	behind    atomic.Bool
	published atomic.Int64 // connection records of this process
	bytes     atomic.Int64 // and their bytes before compression

	polling sync.Mutex // held by one poll at a time; what follows belongs to it
	read    int64      // offset up to which is recorded
	moved   time.Time
}

func (g *recorderPressure) count(bytes int) {
	g.published.Add(1)
	g.bytes.Add(int64(bytes))
}

// poll looks how far the recorder is. What it cannot find out changes nothing.
func (g *recorderPressure) poll(ctx context.Context) error {
	c, topic := g.c, g.c.cfg.Topics.Connections
	if c.cfg.CoreGroup == "" || g.published.Load() == 0 {
		return nil
	}
	g.polling.Lock()
	defer g.polling.Unlock()
	spans, err := c.offsetsNow(ctx, []string{topic})
	if err != nil {
		return err
	}
	commits, err := c.adm.FetchOffsetsForTopics(ctx, c.cfg.CoreGroup, topic)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) && !errors.Is(err, kerr.CoordinatorNotAvailable) {
		return err
	}
	lag, read, somebody := int64(0), int64(0), false
	for k, s := range spans {
		at := max(s.Start, c.position(c.cfg.CoreGroup, topic, k.partition))
		if o, ok := commits.Lookup(topic, k.partition); ok && o.Err == nil && o.At >= 0 {
			at, somebody = max(at, o.At), true
		}
		lag, read = lag+s.High-at, read+at
	}
	if now := time.Now(); read > g.read || g.moved.IsZero() {
		g.read, g.moved = read, now
	}
	kept := c.watcher.Topic(topic).RetentionBytes // of each partition
	if kept == 0 {
		kept = c.cfg.EventsRetentionBytes
	}
	kept *= int64(len(spans))
	g.behind.Store(kept > 0 && lag*g.average() > int64(shareRead*float64(kept)) && g.works(ctx, somebody))
	return nil
}

// average is the size of a record in bytes.
func (g *recorderPressure) average() int64 { return g.bytes.Load() / max(g.published.Load(), 1) }

// works tells whether it makes sense to wait: there is a recorder, and it comes on.
func (g *recorderPressure) works(ctx context.Context, committed bool) bool {
	if time.Since(g.moved) > g.c.cfg.StallAfter {
		return false
	}
	return committed || g.c.members(ctx, g.c.cfg.CoreGroup) > 0
}
