package consumer

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

// GroupName implements client.PositionSource.
func (g *Group) GroupName() string { return g.cfg.Group }

// Position is the next offset to be handled; 0 while the group has not been given
// anything yet, -1 where it does not have the partition.
func (g *Group) Position(topic string, partition int32) int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w := g.workers[extent.Key{Topic: topic, Partition: partition}]; w != nil {
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
		if k.Topic == topic {
			lag[k.Partition] = w.lag(g.ends[k])
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
		lag[k.Topic] += w.lag(g.ends[k])
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
		if out[k.Topic] == nil {
			out[k.Topic] = map[int32]int64{}
		}
		out[k.Topic][k.Partition] = w.next.Load()
	}
	return out
}

// endsLoop asks for the ends of the logs, which fetches tell only while they bring
// records.
func (g *Group) endsLoop(ctx context.Context) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	defer g.c.ForgetSpans(g.cfg.Topics)
	still := map[extent.Key]int64{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		actx, cancel := context.WithTimeout(ctx, 5*time.Second)
		spans, err := g.c.SpansOnce(actx, g.cfg.Topics...)
		if err == nil {
			g.mu.Lock()
			for k, s := range spans {
				g.ends[k] = s.High
			}
			g.mu.Unlock()
			still = g.settle(actx, spans, still)
			g.c.ObserveSpans(spans, time.Now())
		}
		cancel()
	}
}

// settle moves workers that are at rest to where the next record may come. While a log
// ends with offsets that carry no record, nothing is fetched that could move them. Only
// workers that stand where they stood in before are asked for; nil is all of them. The
// result is where workers at rest stand.
func (g *Group) settle(ctx context.Context, spans map[extent.Key]extent.Span, before map[extent.Key]int64) map[extent.Key]int64 {
	resting := map[extent.Key]int64{}
	waiting := map[extent.Key]*worker{}
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
		a, err := g.c.Next(ctx, k, at)
		if err != nil {
			g.log.Debug("it is not known whether the end has been reached; asking again", "topic", k.Topic, "partition", k.Partition, "err", err)
			continue
		}
		if !a.Record && a.Next > at {
			waiting[k].pass(at, a)
		}
	}
	return resting
}

// AtEnd reports whether this member has handled all there is now in its partitions. What
// an open transaction holds back is still to come. A failure to ask the broker is a no.
func (g *Group) AtEnd(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	spans, err := g.c.SpansOnce(ctx, g.cfg.Topics...)
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
	spans, err := g.c.Spans(ctx, g.cfg.Topics...)
	if err != nil {
		return err
	}
	still := map[extent.Key]int64{}
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
func (g *Group) behind(ctx context.Context, spans map[extent.Key]extent.Span) (n int) {
	others := map[extent.Key]extent.Span{}
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
	commits, err := g.c.Admin().FetchOffsetsForTopics(ctx, g.cfg.Group, g.cfg.Topics...)
	for k, s := range others {
		if o, ok := commits.Lookup(k.Topic, k.Partition); err != nil || !ok || o.Err != nil || o.At < s.High {
			n++
		}
	}
	return n
}
