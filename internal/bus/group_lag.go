package bus

import (
	"context"
	"fmt"
	"slices"
	"time"
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

// Lag is how many records of this member's partitions are not yet worked off, by
// topic. It is at most half a second old.
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
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		actx, cancel := context.WithTimeout(ctx, 5*time.Second)
		ends, err := g.c.offsets(actx, g.cfg.Topics)
		cancel()
		if err != nil {
			continue
		}
		g.mu.Lock()
		for k, o := range ends {
			g.ends[k] = o.end
		}
		g.mu.Unlock()
	}
}

// span is a partition's log.
type span struct{ start, end int64 }

func (s span) first(fromBeginning bool) int64 {
	if fromBeginning {
		return s.start
	}
	return s.end
}

func (c *Client) offsets(ctx context.Context, topics []string) (map[partitionKey]span, error) {
	starts, err := c.adm.ListStartOffsets(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("bus: start offsets: %w", err)
	}
	ends, err := c.adm.ListEndOffsets(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("bus: end offsets: %w", err)
	}
	out := map[partitionKey]span{}
	for topic, partitions := range ends {
		for p, end := range partitions {
			start, ok := starts.Lookup(topic, p)
			if end.Err != nil || !ok || start.Err != nil {
				return nil, fmt.Errorf("bus: topic %s, partition %d: offsets: %w %w", topic, p, end.Err, start.Err)
			}
			out[partitionKey{topic, p}] = span{start.Offset, end.Offset}
		}
	}
	return out, nil
}

// CaughtUp reports whether every partition is worked off up to its end now. A failure
// to ask the broker is a no.
func (g *Group) CaughtUp() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	ends, err := g.c.offsets(ctx, g.cfg.Topics)
	return err == nil && g.behind(ctx, ends) == 0
}

// AtEnd reports whether this member has handled all there is now in its partitions. A
// failure to ask the broker is a no.
func (g *Group) AtEnd(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	ends, err := g.c.offsets(ctx, g.cfg.Topics)
	if err != nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, w := range g.workers {
		if s, ok := ends[k]; !ok || s.end > s.start && w.next.Load() < s.end {
			return false
		}
	}
	return true
}

// WaitCaughtUp returns when every partition of the topics is worked off up to where
// it ends at the call. Partitions of other members count by what they committed.
func (g *Group) WaitCaughtUp(ctx context.Context) error {
	ends, err := g.c.offsets(ctx, g.cfg.Topics)
	if err != nil {
		return err
	}
	tick := time.NewTicker(100 * time.Millisecond) // others commit without telling us
	defer tick.Stop()
	for {
		g.mu.Lock()
		moved := g.moved
		g.mu.Unlock()
		n := g.behind(ctx, ends)
		if n == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("bus: group %s is %d partitions behind: %w", g.cfg.Group, n, ctx.Err())
		case <-moved:
		case <-tick.C:
		}
	}
}

// behind is how many partitions have not reached their end.
func (g *Group) behind(ctx context.Context, ends map[partitionKey]span) (n int) {
	others := map[partitionKey]span{}
	g.mu.Lock()
	for k, s := range ends {
		w := g.workers[k]
		switch {
		case s.end == s.start: // nothing is there
		case w == nil:
			others[k] = s
		case w.next.Load() < s.end:
			n++
		}
	}
	g.mu.Unlock()
	if len(others) == 0 {
		return n
	}
	commits, err := g.c.adm.FetchOffsetsForTopics(ctx, g.cfg.Group, g.cfg.Topics...)
	for k, s := range others {
		if o, ok := commits.Lookup(k.topic, k.partition); err != nil || !ok || o.Err != nil || o.At < s.end {
			n++
		}
	}
	return n
}
