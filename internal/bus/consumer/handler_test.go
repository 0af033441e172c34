package consumer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

type notYet struct{}

func (notYet) Error() string { return "not yet" }

func (notYet) Later() bool { return true }

// reluctant takes records only at every third call.
type reluctant struct {
	*bustest.Collector
	asked int
}

func (r *reluctant) Records(ctx context.Context, topic string, partition int32, recs []models.Record) (int64, error) {
	if r.asked++; r.asked%3 != 0 && len(recs) > 0 {
		return -1, notYet{}
	}
	return r.Collector.Records(ctx, topic, partition, recs)
}

// Records that a handler defers are passed again; none is lost or handled twice.
func TestDeferredRecords(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	bustest.Publish(t, c, 0, 3000)
	h := &reluctant{Collector: bustest.NewCollector()}
	g := consumer.NewGroup(c, consumer.GroupConfig{Group: "later", Topics: []string{c.Config().Topics.Packets}, FromBeginning: true, BatchRecords: 100}, h)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	bustest.CheckAll(t, h.Packets, 3000)
	if h.asked < 60 {
		t.Errorf("only %d calls, so the test shows nothing", h.asked)
	}
}

func TestUnreadableRecordsAreSkipped(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	h := bustest.NewCollector()
	g, _ := bustest.Join(t, c, consumer.GroupConfig{}, h)
	bustest.Publish(t, c, 0, 1)
	bustest.ProduceRaw(t, c, c.Config().Topics.Packets, `{"broken`, `{"ts":7}`, ``)
	bustest.Publish(t, c, 1, 2)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	bustest.CheckAll(t, h.Packets, 2)
	if len(h.Bad) != 3 {
		t.Errorf("bad: %v", h.Bad)
	}
}

func TestHandlerErrorEndsRun(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, nil)
	boom := errors.New("boom")
	g := consumer.NewGroup(c, consumer.GroupConfig{Group: "g", Topics: []string{c.Config().Topics.Packets}, FromBeginning: true}, failing{boom})
	bustest.Publish(t, c, 0, 1)
	if err := g.Run(t.Context()); !errors.Is(err, boom) || !strings.Contains(err.Error(), c.Config().Topics.Packets) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (failing) Assigned(context.Context, string, int32) (int64, error) { return -1, nil }
func (f failing) Records(context.Context, string, int32, []models.Record) (int64, error) {
	return -1, f.err
}
func (failing) Revoked(context.Context, string, int32) (int64, error) { return -1, nil }
