package bus

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/bus/extent"
)

// progress wakes those who wait for the group to move.
func (g *Group) progress() {
	g.mu.Lock()
	close(g.moved)
	g.moved = make(chan struct{})
	g.mu.Unlock()
}

// position is the next offset to be handled; 0 while the group has not been given
// anything yet, -1 where it does not have the partition.
func (g *Group) position(topic string, partition int32) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w := g.workers[partitionKey{topic, partition}]; w != nil {
		return max(w.next.Load(), 0)
	}
	if !g.assigned && slices.Contains(g.cfg.Topics, topic) {
		return 0
	}
	return -1
}

// PartitionLag is Lag of one topic for each partition that this member has.
func (g *Group) PartitionLag(topic string) map[int32]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	lag := map[int32]int64{}
	for k, w := range g.workers {
		if k.topic == topic {
			lag[k.partition] = w.lag(g.ends[k])
		}
	}
	return lag
}

// Lag is how many offsets of this member's partitions are not yet worked off, by topic:
// the records that wait, and those that an open transaction holds back. It is at most
// half a second old. Offsets without a record at the end of a log count for no longer
// than about a second.
func (g *Group) Lag() map[string]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	lag := make(map[string]int64, len(g.cfg.Topics))
	for _, t := range g.cfg.Topics {
		lag[t] = 0
	}
	for k, w := range g.workers {
		lag[k.topic] += w.lag(g.ends[k])
	}
	return lag
}

func (w *worker) lag(end int64) int64 {
	return max(max(w.end.Load(), end)-max(w.next.Load(), 0), 0)
}

// Positions is the next offset of each partition that this member has, by topic.
func (g *Group) Positions() map[string]map[int32]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := map[string]map[int32]int64{}
	for k, w := range g.workers {
		if out[k.topic] == nil {
			out[k.topic] = map[int32]int64{}
		}
		out[k.topic][k.partition] = w.next.Load()
	}
	return out
}

// endsLoop asks for the ends of the logs, which fetches tell only while they bring
// records.
func (g *Group) endsLoop(ctx context.Context) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	defer g.c.open.forget(g.c, g.cfg.Topics)
	still := map[partitionKey]int64{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		actx, cancel := context.WithTimeout(ctx, 5*time.Second)
		spans, err := g.c.offsetsNow(actx, g.cfg.Topics)
		if err == nil {
			g.mu.Lock()
			for k, s := range spans {
				g.ends[k] = s.High
			}
			g.mu.Unlock()
			still = g.settle(actx, spans, still)
			g.c.open.observe(g.c, spans, time.Now())
		}
		cancel()
	}
}

// settle moves workers that are at rest to where the next record may come. While a log
// ends with offsets that carry no record, nothing is fetched that could move them. Only
// workers that stand where they stood in before are asked for; nil is all of them. The
// result is where workers at rest stand.
func (g *Group) settle(ctx context.Context, spans map[partitionKey]extent.Span, before map[partitionKey]int64) map[partitionKey]int64 {
	resting := map[partitionKey]int64{}
	waiting := map[partitionKey]*worker{}
	g.mu.Lock()
	for k, w := range g.workers {
		if at, ok := w.resting(); ok && at < spans[k].End {
			resting[k], waiting[k] = at, w
		}
	}
	g.mu.Unlock()
	for k, at := range resting {
		if was, ok := before[k]; before != nil && (!ok || was != at) {
			continue
		}
		a, err := g.c.next(ctx, k.extent(), at)
		if err != nil {
			g.log.Debug("it is not known whether the end has been reached; asking again", "topic", k.topic, "partition", k.partition, "err", err)
			continue
		}
		if !a.Record && a.Next > at {
			waiting[k].pass(at, a)
		}
	}
	return resting
}

// CaughtUp reports whether every partition is worked off up to its end now. A failure
// to ask the broker is a no.
func (g *Group) CaughtUp() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	spans, err := g.c.offsetsNow(ctx, g.cfg.Topics)
	if err != nil {
		return false
	}
	g.settle(ctx, spans, nil)
	return g.behind(ctx, spans) == 0
}

// AtEnd reports whether this member has handled all there is now in its partitions. What
// an open transaction holds back is still to come. A failure to ask the broker is a no.
func (g *Group) AtEnd(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	spans, err := g.c.offsetsNow(ctx, g.cfg.Topics)
	if err != nil {
		return false
	}
	g.settle(ctx, spans, nil)
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, w := range g.workers {
		if s, ok := spans[k]; !ok || s.High > s.Start && w.next.Load() < s.High {
			return false
		}
	}
	return true
}

// WaitCaughtUp returns when every partition of the topics is worked off up to where
// it ends at the call. Partitions of other members count by what they committed. An open
// transaction is waited for: what was written behind it is to be worked off too.
func (g *Group) WaitCaughtUp(ctx context.Context) error {
	spans, err := g.c.offsets(ctx, g.cfg.Topics)
	if err != nil {
		return err
	}
	still := map[partitionKey]int64{}
	tick := time.NewTicker(100 * time.Millisecond) // others commit without telling us
	defer tick.Stop()
	for {
		g.mu.Lock()
		moved := g.moved
		g.mu.Unlock()
		n := g.behind(ctx, spans)
		if n == 0 {
			return nil
		}
		still = g.settle(ctx, spans, still)
		select {
		case <-ctx.Done():
			return fmt.Errorf("bus: group %s is %d partitions behind: %w", g.cfg.Group, n, ctx.Err())
		case <-moved:
		case <-tick.C:
		}
	}
}

// behind is how many partitions have not reached their end.
func (g *Group) behind(ctx context.Context, spans map[partitionKey]extent.Span) (n int) {
	others := map[partitionKey]extent.Span{}
	g.mu.Lock()
	for k, s := range spans {
		w := g.workers[k]
		switch {
		case s.High == s.Start: // nothing is there
		case w == nil:
			others[k] = s
		case w.next.Load() < s.High:
			n++
		}
	}
	g.mu.Unlock()
	if len(others) == 0 {
		return n
	}
	commits, err := g.c.adm.FetchOffsetsForTopics(ctx, g.cfg.Group, g.cfg.Topics...)
	for k, s := range others {
		if o, ok := commits.Lookup(k.topic, k.partition); err != nil || !ok || o.Err != nil || o.At < s.High {
			n++
		}
	}
	return n
}
