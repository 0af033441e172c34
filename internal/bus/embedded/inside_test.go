package embedded

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// TestClientsInsideNeedNoDescriptors checks that clients within the process open no file
// descriptors.
func TestClientsInsideNeedNoDescriptors(t *testing.T) {
	cfg := DefaultConfig()
	cfg.DataDir, cfg.MinFreeBytes = t.TempDir(), 0
	b, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	before, counted := netlimit.OpenDescriptors()
	writer, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.Dialer(b.Dial), kgo.DefaultProduceTopic("t"))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if _, err := kadm.NewClient(writer).CreateTopic(t.Context(), 1, 1, nil, "t"); err != nil {
		t.Fatal(err)
	}
	if err := writer.ProduceSync(t.Context(), kgo.StringRecord("v")).FirstErr(); err != nil {
		t.Fatal(err)
	}
	const readers = 8
	for range readers {
		cl, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.Dialer(b.Dial), kgo.ConsumeTopics("t"), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		fetches := cl.PollFetches(t.Context())
		if err := fetches.Err(); err != nil || fetches.NumRecords() != 1 {
			t.Fatalf("%d records, %v", fetches.NumRecords(), err)
		}
	}
	if after, ok := netlimit.OpenDescriptors(); counted && ok && after > before+8 { // files of the log
		t.Errorf("%d descriptors before, %d with %d clients", before, after, readers)
	}
}

func TestDialInsideEndsWithTheBroker(t *testing.T) {
	cfg := DefaultConfig()
	cfg.DataDir, cfg.MinFreeBytes = t.TempDir(), 0
	b, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.Dial(t.Context(), "tcp", b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.RemoteAddr().String(); got != b.Addr() {
		t.Errorf("remote address %s, want the broker's %s", got, b.Addr())
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open after the broker was closed")
	}
	if _, err := b.Dial(t.Context(), "tcp", b.Addr()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial after Close: %v, want net.ErrClosed", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Dial(ended, "tcp", "127.0.0.1:1"); err == nil {
		t.Error("a dial to another address succeeded although ctx had ended")
	}
}
