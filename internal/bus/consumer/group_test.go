package consumer_test

import (
	"context"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/obs"
)

func TestRoundTrip(t *testing.T) {
	for _, encoding := range []string{client.EncodingJSON, client.EncodingPacked} {
		t.Run(encoding, func(t *testing.T) {
			var stage obs.Stage
			c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{Publish: &stage}, func(c *client.Config) { c.Encoding, c.Partitions = encoding, 3 })
			h := bustest.NewCollector()
			g, stop := bustest.Join(t, c, consumer.GroupConfig{}, h)
			bustest.Publish(t, c, 0, 2000)
			if err := g.WaitCaughtUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			bustest.CheckAll(t, h.Packets, 2000)
			if n := stage.Counts(); n.In != 2000 || n.Out != 2000 || n.Dropped != nil {
				t.Errorf("ledger: %+v", n)
			}
			if len(h.Offsets) != 3 {
				t.Errorf("partitions used: %d of 3", len(h.Offsets))
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if n := c.Position(c.Config().EngineGroup, c.Config().Topics.Packets, 0); n != -1 {
				t.Errorf("a stopped group has position %d", n)
			}
			// Committed records are not read again.
			again := bustest.NewCollector()
			g, _ = bustest.Join(t, c, consumer.GroupConfig{}, again)
			bustest.Publish(t, c, 2000, 2001)
			if err := g.WaitCaughtUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			again.Until(t, "the last packet", func() bool { return len(again.Packets) > 0 })
			if len(again.Packets) != 1 {
				t.Errorf("%d packets after a restart, want 1", len(again.Packets))
			}
		})
	}
}

// TestRebalance: members join and leave while packets arrive. Each record is handled once and
// in order, because a member commits before it releases a partition.
func TestRebalance(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 4 })
	a, b := bustest.NewCollector(), bustest.NewCollector()
	a.Unsafe, b.Unsafe = true, true // only Revoked makes offsets safe: the hard case
	ga, stopA := bustest.Join(t, c, consumer.GroupConfig{}, a)
	bustest.Publish(t, c, 0, 1000)
	a.Until(t, "a has all", func() bool { return len(a.Packets) == 1000 && len(a.Owned) == 4 })
	gb, _ := bustest.Join(t, c, consumer.GroupConfig{}, b)
	b.Until(t, "b has its share", func() bool { return len(b.Owned) == 2 })
	bustest.Publish(t, c, 1000, 2000)
	b.Until(t, "b works", func() bool { return len(b.Packets) > 0 })
	if err := ga.WaitCaughtUp(withTimeout(t)); err == nil {
		t.Error("a counts b's partitions as handled although b has committed nothing")
	}
	if err := stopA(); err != nil {
		t.Fatal(err)
	}
	b.Until(t, "b has everything", func() bool { return len(b.Owned) == 4 })
	bustest.Publish(t, c, 2000, 2500)
	if err := gb.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	bustest.CheckAll(t, append(slices.Clone(a.Packets), b.Packets...), 2500)
	for p, offsets := range b.Offsets {
		if !slices.IsSorted(offsets) {
			t.Errorf("partition %d out of order", p)
		}
	}
	if len(a.Owned) != 0 || a.Revokes != 4 {
		t.Errorf("a: owns %v, %d revocations", a.Owned, a.Revokes)
	}
}

func withTimeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 300e6)
	t.Cleanup(cancel)
	return ctx
}

// TestSafeOffsets: after an unclean end a group resumes at the safe offset, and a handler
// that returns a start offset is given records from there.
func TestSafeOffsets(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	bustest.Publish(t, c, 0, 100)
	h := bustest.NewCollector()
	h.Unsafe = true
	_, stop := bustest.Join(t, c, consumer.GroupConfig{}, h)
	h.Until(t, "an idle call, because nothing is safe", func() bool { return len(h.Packets) == 100 && h.IdleCall > 0 })
	h.Mu.Lock()
	clear(h.Next) // Revoked returns -1, as after a crash
	h.Mu.Unlock()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	h = bustest.NewCollector()
	g, stop := bustest.Join(t, c, consumer.GroupConfig{}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	bustest.CheckAll(t, h.Packets, 100)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	h = bustest.NewCollector()
	h.Start = 90
	g, _ = bustest.Join(t, c, consumer.GroupConfig{}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Until(t, "records from the handler's start", func() bool { return len(h.Packets) == 10 && h.Offsets[0][0] == 90 })
	if n := g.Lag()[c.Config().Topics.Packets]; n != 0 {
		t.Errorf("lag %d at the end", n)
	}
}

// TestSlowHandlerPausesFetching: the queue of fetched records is bounded.
func TestSlowHandlerPausesFetching(t *testing.T) {
	for name, partitions := range map[string]int32{"all full": 1, "one of several": 3} {
		t.Run(name, func(t *testing.T) {
			c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = partitions; c.Compression = "none" })
			bustest.Publish(t, c, 0, 20000)
			h := bustest.NewCollector()
			h.Hold = make(chan struct{})
			g, _ := bustest.Join(t, c, consumer.GroupConfig{QueueBytes: 64 << 10, BatchRecords: 100}, h)
			queued := 0
			for { // allow one call at a time, and measure the queues
				h.Mu.Lock()
				done, changed := len(h.Packets) >= 20000, h.Changed
				h.Mu.Unlock()
				if done {
					break
				}
				select {
				case h.Hold <- struct{}{}:
				case <-changed:
				}
				queued = max(queued, consumer.QueuedBytes(g))
			}
			close(h.Hold)
			if err := g.WaitCaughtUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			bustest.CheckAll(t, h.Packets, 20000)
			if limit := 64<<10 + 8<<20; queued > limit {
				t.Errorf("%d bytes queued, want at most %d", queued, limit)
			}
		})
	}
}

// TestRetentionGapsAreCounted: records removed before they were read are counted, and the
// group continues after the gap.
func TestRetentionGapsAreCounted(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, nil)
	bustest.Publish(t, c, 0, 10)
	h := bustest.NewCollector()
	g, stop := bustest.Join(t, c, consumer.GroupConfig{}, h)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	bustest.Publish(t, c, 10, 30)
	if err := b.Cluster().DeleteRecords(c.Config().Topics.Packets, 0, 25); err != nil {
		t.Fatal(err)
	}
	g, _ = bustest.Join(t, c, consumer.GroupConfig{}, h)
	h.Until(t, "what is left", func() bool { return len(h.Packets) == 15 })
	if n := bustest.Counter(t, c.Metrics().Lost.WithLabelValues(c.Config().Topics.Packets, g.GroupName())); n != 15 {
		t.Errorf("lost: %v, want 15", n)
	}
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestRecreatedTopic(t *testing.T) {
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, nil)
	bustest.Publish(t, c, 0, 10)
	h := bustest.NewCollector()
	h.Start = 5000 // from a checkpoint of the deleted topic
	_, _ = bustest.Join(t, c, consumer.GroupConfig{}, h)
	h.Until(t, "the new topic from its beginning", func() bool { return len(h.Packets) == 10 })
}
