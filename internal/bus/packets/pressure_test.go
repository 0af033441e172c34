package packets_test

import (
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/packets"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// TestBackPressure: an unpaced producer, a slow engine, and retention far smaller than the
// traffic. Nothing is lost, because the producer waits.
func TestBackPressure(t *testing.T) {
	const n = 40000 // about 10 MB in a topic that keeps 1 MiB
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) {
		c.PacketsRetentionBytes, c.MaxBufferedBytes, c.Compression = 1<<20, 1<<16, "none"
	})
	h := bustest.NewCollector()
	g, _ := bustest.Join(t, c, consumer.GroupConfig{}, h)
	h.Until(t, "the engine has joined", func() bool { return len(h.Owned) == 1 })
	bustest.Publish(t, c, 0, n)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	bustest.CheckAll(t, h.Packets, n)
	if lost := bustest.Counter(t, c.Metrics().Lost.WithLabelValues(c.Config().Topics.Packets, g.GroupName())); lost != 0 {
		t.Errorf("%v lost", lost)
	}
	if bustest.Counter(t, c.Metrics().Held) == 0 || c.HeldBack() == 0 {
		t.Error("the producer never waited, so the test shows nothing")
	}
	if info := b.Cluster().PartitionInfo(c.Config().Topics.Packets, 0); info.LogStartOffset == 0 {
		t.Error("retention never removed anything, so the test shows nothing")
	}
}

// TestBackPressureAcrossProcesses has the engine on another Client, so the producer sees
// only its committed offsets.
func TestBackPressureAcrossProcesses(t *testing.T) {
	const n = 20000
	b := bustest.StartBroker(t, "")
	small := func(c *client.Config) {
		c.PacketsRetentionBytes, c.MaxBufferedBytes, c.Compression = 1<<20, 1<<16, "none"
	}
	producer, engine := bustest.Dial(t, b.Addr(), client.Deps{}, small), bustest.Dial(t, b.Addr(), client.Deps{}, small)
	h := bustest.NewCollector()
	g, _ := bustest.Join(t, engine, consumer.GroupConfig{}, h)
	h.Until(t, "the engine has joined", func() bool { return len(h.Owned) == 1 })
	bustest.Publish(t, producer, 0, n)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	bustest.CheckAll(t, h.Packets, n)
}

// TestNoEngine: without an engine the producer does not wait, and records that retention
// removes are reported.
func TestNoEngine(t *testing.T) {
	var log strings.Builder
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{Log: bustest.TextLog(&log)}, func(c *client.Config) {
		c.PacketsRetentionBytes, c.Compression, c.StallAfter = 1<<17, "none", time.Millisecond
	})
	p, err := packets.NewProducer(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := range 5000 {
		if err := p.Publish(bustest.Packet(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Cluster().ApplyRetention()
	removed, err := p.PollEngine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if removed == 0 || !strings.Contains(log.String(), "event="+string(vocabulary.EventRecordsRemoved)) {
		t.Errorf("removed %d, log %s", removed, log.String())
	}
}
