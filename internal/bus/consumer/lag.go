package consumer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/bus/extent"
)

// progress wakes goroutines that wait for a position to change.
func (g *Group) progress() {
	g.mu.Lock()
	close(g.moved)
	g.moved = make(chan struct{})
	g.mu.Unlock()
}

// GroupName implements client.PositionSource.
func (g *Group) GroupName() string { return g.cfg.Group }

// Position implements client.PositionSource.
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

// PartitionLag returns the lag of one topic for each partition of this member.
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

// Lag returns by topic how many offsets of this member's partitions are not yet handled,
// including those behind an open transaction. It is at most half a second old. Offsets
// without a record at the end of a log count for about a second.
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

// Positions returns the next offset of each partition of this member, by topic.
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

// endsLoop lists the end offsets, which fetches contain only while records arrive.
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

// settle advances idle workers over offsets that carry no record at the end of a log, for
// which nothing is fetched. It asks the brokers only for workers whose position is still
// the one in before, or for all if before is nil. It returns the positions of the idle
// workers.
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
			g.log.Debug("cannot ask whether records remain; retrying", "topic", k.Topic, "partition", k.Partition, "err", err)
			continue
		}
		if !a.Record && a.Next > at {
			waiting[k].pass(at, a)
		}
	}
	return resting
}

// AtEnd reports whether this member has handled all records of its partitions up to their
// end offsets now, including those behind an open transaction. It returns false if the
// brokers do not answer.
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

// WaitCaughtUp returns when every partition of the topics has been handled up to its end
// offset at the call, or ctx ends. For partitions of other members the committed offset
// counts. It waits for open transactions.
func (g *Group) WaitCaughtUp(ctx context.Context) error {
	spans, err := g.c.Spans(ctx, g.cfg.Topics...)
	if err != nil {
		return err
	}
	still := map[extent.Key]int64{}
	tick := time.NewTicker(100 * time.Millisecond) // for the commits of other members
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
			return fmt.Errorf("bus: group %s has not reached the end of %d partitions: %w", g.cfg.Group, n, ctx.Err())
		case <-moved:
		case <-tick.C:
		}
	}
}

// behind returns how many partitions have not reached their end.
func (g *Group) behind(ctx context.Context, spans map[extent.Key]extent.Span) (n int) {
	others := map[extent.Key]extent.Span{}
	g.mu.Lock()
	for k, s := range spans {
		w := g.workers[k]
		switch {
		case s.High == s.Start: // empty
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
