package bus

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// A recorder that is too far behind holds files back, and no longer than it is.
func TestRecorderHoldsFilesBack(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.EventsRetentionBytes = 64 << 10; c.EngineGroup = "" })
	p, err := c.NewPacketProducer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	h := newCollector()
	h.hold = make(chan struct{})
	_, _ = join(t, c, GroupConfig{Group: c.cfg.CoreGroup, Topics: []string{c.cfg.Topics.Connections}, BatchRecords: 50}, h)
	h.until(t, "the recorder is there", func() bool { return h.assigned > 0 })
	for i := range 500 {
		c.PublishConnection(&models.Connection{ID: fmt.Sprint("C", i), SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "TCP"})
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.recorder.poll(t.Context()); err != nil || !c.recorder.behind.Load() {
		t.Fatalf("500 states wait where 64 KiB are kept, and nobody is held back (%v)", err)
	}
	if !p.TryPublish(meta(1)) {
		t.Error("a packet of a live source was dropped for it")
	}
	published := make(chan error, 1)
	go func() { published <- p.Publish(meta(2)) }()
	for c.HeldBack() == 0 { // it waits, and that is told
		select {
		case err := <-published:
			t.Fatalf("a packet of a file did not wait: %v", err)
		default:
			runtime.Gosched()
		}
	}
	close(h.hold)
	if err := <-published; err != nil {
		t.Fatal(err)
	}
}

// Where nobody records, or nothing moves for long, waiting would be in vain.
func TestNobodyWaitsForADeadRecorder(t *testing.T) {
	c := dial(t, broker(t, "").Addr(), Deps{}, func(c *Config) { c.EventsRetentionBytes = 64 << 10 })
	for i := range 500 {
		c.PublishConnection(&models.Connection{ID: fmt.Sprint("C", i), SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "TCP"})
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.recorder.poll(t.Context()); err != nil || c.recorder.behind.Load() {
		t.Errorf("files wait for a recorder that does not exist (%v)", err)
	}
}
