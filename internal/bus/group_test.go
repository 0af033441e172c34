package bus

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// TestRebalance: members join and leave while packets keep coming. Each record is
// handled, in order, and none twice, for whoever gives a partition up commits first.
func TestRebalance(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.Partitions = 4 })
	a, b := newCollector(), newCollector()
	a.unsafe, b.unsafe = true, true // only Revoked makes offsets safe: the hard case
	ga, stopA := join(t, c, GroupConfig{}, a)
	publish(t, c, 0, 1000)
	a.until(t, "a has all", func() bool { return len(a.packets) == 1000 && len(a.owned) == 4 })
	gb, _ := join(t, c, GroupConfig{}, b)
	b.until(t, "b has its share", func() bool { return len(b.owned) == 2 })
	publish(t, c, 1000, 2000)
	b.until(t, "b works", func() bool { return len(b.packets) > 0 })
	if err := ga.WaitCaughtUp(withTimeout(t)); err == nil {
		t.Error("a counts b's partitions as worked off although b has committed nothing")
	}
	if err := stopA(); err != nil {
		t.Fatal(err)
	}
	b.until(t, "b has everything", func() bool { return len(b.owned) == 4 })
	publish(t, c, 2000, 2500)
	if err := gb.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkAll(t, append(slices.Clone(a.packets), b.packets...), 2500)
	for p, offsets := range b.offsets {
		if !slices.IsSorted(offsets) {
			t.Errorf("partition %d out of order", p)
		}
	}
	if len(a.owned) != 0 || a.revoked != 4 {
		t.Errorf("a: owns %v, gave up %d times", a.owned, a.revoked)
	}
}

func withTimeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 300e6)
	t.Cleanup(cancel)
	return ctx
}

// TestSafeOffsets: after an unclean end a group begins at what was safe, and a
// handler that names a start is given exactly that.
func TestSafeOffsets(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	publish(t, c, 0, 100)
	h := newCollector()
	h.unsafe = true
	_, stop := join(t, c, GroupConfig{}, h)
	h.until(t, "an idle call, for nothing is safe", func() bool { return len(h.packets) == 100 && h.empties > 0 })
	h.mu.Lock()
	clear(h.next) // Revoked will say -1, as after a crash
	h.mu.Unlock()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	h = newCollector()
	g, stop := join(t, c, GroupConfig{}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkAll(t, h.packets, 100)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	h = newCollector()
	h.start = 90
	g, _ = join(t, c, GroupConfig{}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.until(t, "from the handler's start", func() bool { return len(h.packets) == 10 && h.offsets[0][0] == 90 })
	if n := g.Lag()[c.cfg.Topics.Packets]; n != 0 {
		t.Errorf("lag %d at the end", n)
	}
}

// TestSlowHandlerPausesFetching: what is fetched and not handled stays bounded.
func TestSlowHandlerPausesFetching(t *testing.T) {
	for name, partitions := range map[string]int32{"all full": 1, "one of several": 3} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.Partitions = partitions; c.Compression = "none" })
			publish(t, c, 0, 20000)
			h := newCollector()
			h.hold = make(chan struct{})
			g, _ := join(t, c, GroupConfig{QueueBytes: 64 << 10, BatchRecords: 100}, h)
			queued := 0
			for { // let through one call at a time, and look at the queues
				h.mu.Lock()
				done, changed := len(h.packets) >= 20000, h.changed
				h.mu.Unlock()
				if done {
					break
				}
				select {
				case h.hold <- struct{}{}:
				case <-changed:
				}
				queued = max(queued, queuedBytes(g))
			}
			close(h.hold)
			if err := g.WaitCaughtUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkAll(t, h.packets, 20000)
			if limit := 64<<10 + 8<<20; queued > limit {
				t.Errorf("%d bytes queued, want at most %d", queued, limit)
			}
		})
	}
}

// queuedBytes is what the fullest queue of a group holds.
func queuedBytes(g *Group) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range g.workers {
		w.mu.Lock()
		n = max(n, w.bytes)
		w.mu.Unlock()
	}
	return n
}

// TestRetentionGapsAreCounted: what retention removed before it was read is counted,
// and the group goes on behind the hole.
func TestRetentionGapsAreCounted(t *testing.T) {
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{}, nil)
	publish(t, c, 0, 10)
	h := newCollector()
	g, stop := join(t, c, GroupConfig{}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	publish(t, c, 10, 30)
	if err := b.Cluster().DeleteRecords(c.cfg.Topics.Packets, 0, 25); err != nil {
		t.Fatal(err)
	}
	g, _ = join(t, c, GroupConfig{}, h)
	h.until(t, "what is left", func() bool { return len(h.packets) == 15 })
	if n := counter(t, c.metrics.lost.WithLabelValues(c.cfg.Topics.Packets, g.cfg.Group)); n != 15 {
		t.Errorf("lost: %v, want 15", n)
	}
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestTopicMadeAnew(t *testing.T) {
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{}, nil)
	publish(t, c, 0, 10)
	h := newCollector()
	h.start = 5000 // a checkpoint of the topic before
	_, _ = join(t, c, GroupConfig{}, h)
	h.until(t, "the new topic from its beginning", func() bool { return len(h.packets) == 10 })
}

func TestPartitionerIsKafkas(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.Partitions = 7; c.EngineGroup = "" })
	rng := rand.New(rand.NewPCG(1, 2))
	want := map[string]int32{}
	for range 200 {
		key := make([]byte, rng.IntN(20))
		for i := range key {
			key[i] = byte(rng.IntN(256))
		}
		if len(key) > 0 {
			want[string(key)] = wire.PartitionOf(key, 7)
			produceKey(t, c, key)
		}
	}
	if err := c.Tail(t.Context(), TailConfig{Topics: []string{c.cfg.Topics.Packets}, From: From{Beginning: true}, ToEnd: true}, func(r *models.Record) error {
		if want[string(r.Key)] != r.Partition {
			t.Errorf("key %x: Kafka says %d, we say %d", r.Key, r.Partition, want[string(r.Key)])
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestFewerPartitionsAreUsedAsTheyAre(t *testing.T) {
	b := broker(t, "")
	dial(t, b.Addr(), Deps{}, func(c *Config) { c.Partitions = 2 })
	var log strings.Builder
	c := dial(t, b.Addr(), Deps{Log: textLog(&log)}, func(c *Config) { c.Partitions = 5; c.ManageTopics = true; c.PacketsRetentionBytes = 10 << 20 })
	if !strings.Contains(log.String(), "PACKETS_PARTITIONS") {
		t.Errorf("no hint in the log: %s", log.String())
	}
	if v := b.Cluster().TopicInfo(c.cfg.Topics.Packets).Configs["retention.bytes"]; v == nil || *v != "2097152" {
		t.Errorf("retention does not follow the configuration")
	}
	publish(t, c, 0, 100)
}
