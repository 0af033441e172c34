package packets_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/packets"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/wire"
)

func TestOriginatorsStayTogether(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 4 })
	p, err := packets.NewProducer(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := range 100 {
		m := *bustest.Packet(i % 10)
		if i%2 == 1 { // the other direction of the same connection
			m.Src, m.Dst, m.Dir = m.Dst, m.Src, models.DirResp
		}
		if err := p.Publish(&m); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	where := map[string]int32{}
	err = consumer.Tail(t.Context(), c, consumer.TailConfig{Topics: []string{c.Config().Topics.Packets}, From: consumer.From{Beginning: true}, ToEnd: true}, func(r *models.Record) error {
		if r.ContentType == models.ContentTypeTick {
			return nil
		}
		if p, ok := where[string(r.Key)]; ok && p != r.Partition {
			return fmt.Errorf("key %s in partitions %d and %d", r.Key, p, r.Partition)
		}
		where[string(r.Key)] = r.Partition
		return nil
	})
	if err != nil || len(where) != 10 {
		t.Errorf("%v; keys: %v", err, where)
	}
}

func TestPartitionerMatchesKafka(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 7; c.EngineGroup = "" })
	rng := rand.New(rand.NewPCG(1, 2))
	want := map[string]int32{}
	for range 200 {
		key := make([]byte, rng.IntN(20))
		for i := range key {
			key[i] = byte(rng.IntN(256))
		}
		if len(key) > 0 {
			want[string(key)] = wire.PartitionOf(key, 7)
			bustest.Produce(t, c, &kgo.Record{Topic: c.Config().Topics.Packets, Key: key})
		}
	}
	if err := consumer.Tail(t.Context(), c, consumer.TailConfig{Topics: []string{c.Config().Topics.Packets}, From: consumer.From{Beginning: true}, ToEnd: true}, func(r *models.Record) error {
		if want[string(r.Key)] != r.Partition {
			t.Errorf("key %x: Kafka uses partition %d, we use %d", r.Key, r.Partition, want[string(r.Key)])
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestUnreachableLater: while the broker is unreachable, packets are buffered and health
// reports it; afterwards every packet arrives once.
func TestUnreachableLater(t *testing.T) {
	net := bustest.NewCable()
	health := make(chan error, 1000)
	var stage obs.Stage
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{Dialer: net.Dial, Publish: &stage, Health: func(_ string, err error) { health <- err }},
		func(c *client.Config) { c.MaxBufferedBytes = 1 << 16 })
	h := bustest.NewCollector()
	g, _ := bustest.Join(t, c, consumer.GroupConfig{}, h)
	p, err := packets.NewProducer(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	sent := 0
	for ; sent < 100; sent++ {
		if err := p.Publish(bustest.Packet(sent)); err != nil {
			t.Fatal(err)
		}
	}
	h.Until(t, "the first packets", func() bool { return len(h.Packets) == 100 })
	net.Cut()
	for p.TryPublish(bustest.Packet(sent)) { // a live source: until the buffer is full, which it must be bustest.Soon
		if sent++; sent > 10000 {
			t.Fatal("the buffer has no limit")
		}
	}
	if n := p.Buffered(); n > 1<<16+1<<10 {
		t.Errorf("%d bytes buffered", n)
	}
	waitHealth(t, health, "cable cut")
	net.Restore()
	waitHealth(t, health, "")
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	bustest.CheckAll(t, h.Packets, sent)
	if n := stage.Counts(); n.In != uint64(sent)+1 || n.Out != uint64(sent) || n.Dropped[vocabulary.DropPublishBufferFull] != 1 {
		t.Errorf("ledger: %+v, sent %d", n, sent)
	}
}

func waitHealth(t *testing.T, health chan error, want string) {
	t.Helper()
	for {
		select {
		case err := <-health:
			if want == "" && err == nil || want != "" && err != nil && strings.Contains(err.Error(), want) {
				return
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("health never reports %q", want)
		}
	}
}

// TestPublishEndsWithItsContext: a producer that waits for a broker can be stopped.
func TestPublishEndsWithItsContext(t *testing.T) {
	net := bustest.NewCable()
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{Dialer: net.Dial}, func(c *client.Config) { c.MaxBufferedBytes = 1 << 16 })
	ctx, cancel := context.WithCancel(t.Context())
	p, err := packets.NewProducer(ctx, c, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	net.Cut()
	time.AfterFunc(300*time.Millisecond, cancel)
	for i := range 100000 {
		if err = p.Publish(bustest.Packet(i)); err != nil {
			break
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestRefusedRecordsAreCounted: records that the broker refuses are counted and reported.
func TestRefusedRecordsAreCounted(t *testing.T) {
	b := bustest.StartBroker(t, "")
	var stage obs.Stage
	c := bustest.Dial(t, b.Addr(), client.Deps{Publish: &stage}, nil)
	b.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidRecord, Count: 1})
	p, err := packets.NewProducer(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Publish(bustest.Packet(0)); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(t.Context()); err == nil {
		t.Error("Flush returned no error")
	}
	if n := stage.Counts(); n.Dropped[vocabulary.DropPublishRefused] != 1 || n.Out != 0 {
		t.Errorf("ledger: %+v", n)
	}
}
