package packets_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/packets"
	"github.com/netlyra/netlyra/internal/models"
)

// A recorder that is too far behind holds back Publish, until it has caught up.
func TestRecorderHoldsPublishBack(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.EventsRetentionBytes = 64 << 10; c.EngineGroup = "" })
	p, err := packets.NewProducer(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	h := bustest.NewCollector()
	h.Hold = make(chan struct{})
	_, _ = bustest.Join(t, c, consumer.GroupConfig{Group: c.Config().CoreGroup, Topics: []string{c.Config().Topics.Connections}, BatchRecords: 50}, h)
	h.Until(t, "the recorder has joined", func() bool { return h.Assigns > 0 })
	for i := range 500 {
		c.PublishConnection(&models.Connection{ID: fmt.Sprint("C", i), SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "TCP"})
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if behind, err := p.PollRecorder(t.Context()); err != nil || !behind {
		t.Fatalf("500 connections are unread, 64 KiB are retained, and Publish is not held back (%v)", err)
	}
	if !p.TryPublish(bustest.Packet(1)) {
		t.Error("TryPublish dropped a packet because of the recorder")
	}
	published := make(chan error, 1)
	go func() { published <- p.Publish(bustest.Packet(2)) }()
	for c.HeldBack() == 0 { // until it waits, which is counted
		select {
		case err := <-published:
			t.Fatalf("Publish did not wait: %v", err)
		default:
			runtime.Gosched()
		}
	}
	close(h.Hold)
	if err := <-published; err != nil {
		t.Fatal(err)
	}
}

// Without a recorder, Publish must not wait.
func TestPublishDoesNotWaitForMissingRecorder(t *testing.T) {
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{}, func(c *client.Config) { c.EventsRetentionBytes = 64 << 10 })
	for i := range 500 {
		c.PublishConnection(&models.Connection{ID: fmt.Sprint("C", i), SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "TCP"})
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := packets.NewProducer(t.Context(), c, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if behind, err := p.PollRecorder(t.Context()); err != nil || behind {
		t.Errorf("Publish waits for a recorder that does not exist (%v)", err)
	}
}
