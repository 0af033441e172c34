package consumer_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// texts collects the values of records, or the reasons why they are unreadable.
type texts struct{ got chan string }

func (*texts) Assigned(context.Context, string, int32) (int64, error) { return 0, nil }

func (*texts) Revoked(context.Context, string, int32) (int64, error) { return -1, nil }

func (h *texts) Records(_ context.Context, _ string, _ int32, recs []models.Record) (int64, error) {
	for i := range recs {
		h.got <- fmt.Sprintf("%d %s%s", recs[i].Offset, recs[i].Value, recs[i].Unreadable)
	}
	return -1, nil
}

// TestOversizedBatch: every reader replaces the batch by one unreadable record and reads the
// records that follow it.
func TestOversizedBatch(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	bustest.ProduceRaw(t, c, c.Config().Topics.Packets, "before")
	bustest.Bomb(t, c, c.Config().Topics.Packets)
	bustest.ProduceRaw(t, c, c.Config().Topics.Packets, "behind")
	reason := "batch at offsets 1 to 3 is larger than 64 MiB uncompressed"
	want := []string{"0 before", "3 " + reason, "4 behind"}

	h := &texts{got: make(chan string, 8)}
	g, _ := bustest.Join(t, c, consumer.GroupConfig{}, h)
	var got []string
	for range want {
		select {
		case s := <-h.got:
			got = append(got, s)
		case <-time.After(20 * time.Second):
			t.Fatalf("timeout after %q", got)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if lost := bustest.Counter(t, c.Metrics().Lost.WithLabelValues(c.Config().Topics.Packets, g.GroupName())); lost != 0 {
		t.Errorf("%v records are counted as removed", lost)
	}

	got = nil
	note := func(r *models.Record) error {
		got = append(got, fmt.Sprintf("%d %s%s", r.Offset, r.Value, r.Unreadable))
		return nil
	}
	err := consumer.Tail(t.Context(), c, consumer.TailConfig{Topics: []string{c.Config().Topics.Packets}, From: consumer.From{Beginning: true}, ToEnd: true}, note)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("tail: %v\n%s", err, d)
	}
	got = nil
	err = consumer.ReplayPackets(t.Context(), c, map[int32]int64{0: -1}, note)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("replay: %v\n%s", err, d)
	}
}
