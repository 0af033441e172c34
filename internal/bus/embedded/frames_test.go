package embedded

import (
	"context"
	"flag"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/embedded/frames"
)

var (
	frameCount = flag.Int("frames", 30_000, "number of frames of TestAnyFrames")
	frameSeed  = flag.Uint64("seed", 1, "seed of the frames of TestAnyFrames")
)

// answers fails the test unless the broker answers a Metadata request.
func answers(t testing.TB, addr string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl); err != nil {
		t.Fatalf("the broker does not answer: %v", err)
	}
}

// TestAnyFrames sends frames of all kinds on several connections. A panic of kfake would end the
// test.
func TestAnyFrames(t *testing.T) {
	cfg := testConfig(t.TempDir())
	cfg.CompactInterval = 50 * time.Millisecond
	b := start(t, cfg)
	for topic, policy := range map[string]string{"a": "delete", "b": "compact", "c": "compact,delete"} {
		if err := b.Cluster().CreateTopic(topic, 2, map[string]string{"cleanup.policy": policy}); err != nil {
			t.Fatal(err)
		}
	}
	const senders = 4
	var all sync.WaitGroup
	for i := range senders {
		all.Go(func() {
			s := frames.New(*frameSeed+uint64(i)<<32, []string{"a", "b", "c", "d"}, []string{"g", "h", "tx"})
			if n, err := frames.Send(t.Context(), b.Addr(), s, *frameCount/senders, 20); err != nil {
				t.Errorf("after %d frames: %v", n, err)
			}
		})
	}
	all.Wait()
	answers(t, b.Addr())
	s := b.Stats()
	t.Logf("%+v", s)
	for _, why := range []string{"http", "tls", "unknown_api", "malformed", "invalid_records", "frame_too_large"} {
		found := false
		for reason, n := range s.Refused {
			found = found || string(reason) == why && n > 0
		}
		if !found && *frameCount >= 10_000 {
			t.Errorf("no refusal with reason %s", why)
		}
	}
	if s.Frames == 0 {
		t.Error("no frame was accepted, so kfake was not tested")
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 256<<20 {
		t.Errorf("heap of %d MiB after the frames", m.HeapAlloc>>20)
	}
}
