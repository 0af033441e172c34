package bus

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// texts collects what a handler is given: values, and reasons where there are none.
type texts struct{ got chan string }

func (*texts) Assigned(context.Context, string, int32) (int64, error) { return 0, nil }
func (*texts) Revoked(context.Context, string, int32) (int64, error)  { return -1, nil }

func (h *texts) Records(_ context.Context, _ string, _ int32, recs []models.Record) (int64, error) {
	for i := range recs {
		h.got <- fmt.Sprintf("%d %s%s", recs[i].Offset, recs[i].Value, recs[i].Unreadable)
	}
	return -1, nil
}

// bomb writes a batch of some kilobytes that uncompressed would fill the memory.
func bomb(t *testing.T, c *Client, topic string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.cfg.Brokers...), kgo.ProducerBatchCompression(kgo.ZstdCompression()),
		kgo.ProducerBatchMaxBytes(maxBatch*5/4), kgo.ProducerLinger(time.Second), kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	large, key := make([]byte, maxBatch/2), []byte("bomb") // Kafka wants keys where it compacts
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Key: key, Value: large}, &kgo.Record{Key: key, Value: large}, &kgo.Record{Key: key, Value: []byte("with them")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// TestOversizedBatch: it is passed over with one word, whoever reads, and what lies
// behind it is read.
func TestOversizedBatch(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	produceRaw(t, c, c.cfg.Topics.Packets, "before")
	bomb(t, c, c.cfg.Topics.Packets)
	produceRaw(t, c, c.cfg.Topics.Packets, "behind")
	why := "a batch at offsets 1 to 3 that uncompressed is larger than 64 MiB"
	want := []string{"0 before", "3 " + why, "4 behind"}

	h := &texts{got: make(chan string, 8)}
	g, _ := join(t, c, GroupConfig{}, h)
	var got []string
	for range want {
		select {
		case s := <-h.got:
			got = append(got, s)
		case <-time.After(20 * time.Second):
			t.Fatalf("only %q", got)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if lost := counter(t, c.metrics.lost.WithLabelValues(c.cfg.Topics.Packets, g.cfg.Group)); lost != 0 {
		t.Errorf("%v records are called removed by retention", lost)
	}

	got = nil
	note := func(r *models.Record) error {
		got = append(got, fmt.Sprintf("%d %s%s", r.Offset, r.Value, r.Unreadable))
		return nil
	}
	err := c.Tail(t.Context(), TailConfig{Topics: []string{c.cfg.Topics.Packets}, From: From{Beginning: true}, ToEnd: true}, note)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("tail: %v\n%s", err, d)
	}
	got = nil
	err = c.ReplayPackets(t.Context(), map[int32]int64{0: -1}, note)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("replay: %v\n%s", err, d)
	}
}

// TestOversizedAmongCheckpoints: checkpoints are found on both sides of it.
func TestOversizedAmongCheckpoints(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	for i := range int64(3) {
		if err := c.Checkpoints().Save(t.Context(), "g", 0, i, randomState(2*chunkBody)); err != nil {
			t.Fatal(err)
		}
		bomb(t, c, c.cfg.Topics.Checkpoints)
		if at, state := load(t, c.Checkpoints(), 0); at != i || len(state) != 2*chunkBody {
			t.Errorf("checkpoint %d: offset %d, %d bytes", i, at, len(state))
		}
	}
	cat, broken, err := c.Checkpoints().scan(t.Context(), checkpointKey{"g", 0})
	if err != nil || len(cat.List) == 0 {
		t.Errorf("from beginning to end: %v, %v, %v", cat, broken, err)
	}
}

// TestOversizedDeadLetters: a redrive passes over it as over any letter without an origin.
func TestOversizedDeadLetters(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	bomb(t, c, c.cfg.Topics.DeadLetters)
	c.PublishDeadLetter(models.Record{Topic: c.cfg.Topics.Packets, Value: []byte("again")}, "tried")
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts, err := c.Redrive(t.Context(), RedriveConfig{})
	if err != nil {
		t.Fatal(err)
	}
	put := 0
	for _, n := range counts {
		if n.Result == RedrivePutBack {
			put += n.Records
		}
	}
	if put != 1 {
		t.Errorf("%+v", counts)
	}
}
