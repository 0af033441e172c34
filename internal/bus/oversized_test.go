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

// TestOversizedBatch: a batch of some kilobytes that uncompressed would fill the memory
// is passed over with one word, and what lies behind it is read.
func TestOversizedBatch(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, nil)
	produceRaw(t, c, c.cfg.Topics.Packets, "before")
	bomber, err := kgo.NewClient(kgo.SeedBrokers(c.cfg.Brokers...), kgo.ProducerBatchCompression(kgo.ZstdCompression()),
		kgo.ProducerBatchMaxBytes(maxBatch*5/4), kgo.ProducerLinger(time.Second), kgo.DefaultProduceTopic(c.cfg.Topics.Packets))
	if err != nil {
		t.Fatal(err)
	}
	defer bomber.Close()
	large := make([]byte, maxBatch/2)
	if err := bomber.ProduceSync(t.Context(), &kgo.Record{Value: large}, &kgo.Record{Value: large}, &kgo.Record{Value: []byte("with them")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
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
	err = c.Tail(t.Context(), TailConfig{Topics: []string{c.cfg.Topics.Packets}, From: From{Beginning: true}, ToEnd: true}, func(r *models.Record) error {
		got = append(got, fmt.Sprintf("%d %s%s", r.Offset, r.Value, r.Unreadable))
		return nil
	})
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("tail: %v\n%s", err, d)
	}
}
