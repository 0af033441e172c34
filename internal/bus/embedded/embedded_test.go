package embedded

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testConfig(dir string) Config {
	c := DefaultConfig()
	c.DataDir = dir
	c.MinFreeBytes = 0
	c.RetentionInterval = 20 * time.Millisecond
	return c
}

func start(t *testing.T, cfg Config) *Broker {
	t.Helper()
	b, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func client(t *testing.T, addr string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(addr), kgo.ProducerLinger(0), kgo.RetryBackoffFn(func(int) time.Duration { return 10 * time.Millisecond })}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

func produce(t *testing.T, addr, topic string, values ...string) {
	t.Helper()
	cl := client(t, addr)
	for _, v := range values {
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	cl.Close()
}

func TestLockConflictNamesTheDirectory(t *testing.T) {
	dir := t.TempDir()
	start(t, testConfig(dir))
	_, err := Start(t.Context(), testConfig(dir))
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "DATA_DIR") {
		t.Errorf("got %v", err)
	}
}

func TestAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	cfg := testConfig(t.TempDir())
	cfg.Listen = l.Addr().String()
	if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), cfg.Listen) {
		t.Errorf("got %v", err)
	}
	cfg.Listen = "127.0.0.1:0"
	start(t, cfg) // the failed start has unlocked the directory
}

func TestValidate(t *testing.T) {
	cfg := Config{Listen: "0.0.0.0:9092"}
	err := cfg.Validate()
	for _, want := range []string{"DATA_DIR", "not loopback", "retention", "segment", "intervals"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	cfg = DefaultConfig()
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}

// TestCompactsAfterRestart checks that topics are compacted after a restart, although no topic is
// created or altered.
func TestCompactsAfterRestart(t *testing.T) {
	const written = 300
	cfg := testConfig(t.TempDir())
	b := start(t, cfg)
	segment, policy := "4096", "compact"
	if err := b.Cluster().CreateTopic("t", 1, map[string]string{"cleanup.policy": policy, "segment.bytes": segment}); err != nil {
		t.Fatal(err)
	}
	cl := client(t, b.Addr(), kgo.ProducerBatchCompression(kgo.NoCompression()))
	for range written {
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: "t", Key: []byte("k"), Value: make([]byte, 512)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	cl.Close()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.CompactInterval = 20 * time.Millisecond
	b = start(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for n := written; n > written/4; {
		if n = countAll(ctx, t, b.Addr(), written); ctx.Err() != nil {
			t.Fatalf("after the restart one key has %d records", n)
		}
	}
}

// countAll counts the records of a topic up to offset end-1.
func countAll(ctx context.Context, t *testing.T, addr string, end int64) (n int) {
	t.Helper()
	cl := client(t, addr, kgo.ConsumeTopics("t"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer cl.Close()
	for last := int64(-1); last < end-1 && ctx.Err() == nil; {
		cl.PollFetches(ctx).EachRecord(func(r *kgo.Record) { n, last = n+1, r.Offset })
	}
	return n
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	b := start(t, testConfig(dir))
	if err := b.Cluster().CreateTopic("t", 1, nil); err != nil {
		t.Fatal(err)
	}
	produce(t, b.Addr(), "t", "one", "two")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = start(t, testConfig(dir))
	produce(t, b.Addr(), "t", "three")
	cl := client(t, b.Addr(), kgo.ConsumeTopics("t"))
	var got []string
	for len(got) < 3 {
		cl.PollFetches(t.Context()).EachRecord(func(r *kgo.Record) { got = append(got, string(r.Value)) })
	}
	if strings.Join(got, " ") != "one two three" {
		t.Errorf("got %v", got)
	}
}

// TestDiskIsLimited writes a multiple of the limit and checks the size of the directory.
func TestDiskIsLimited(t *testing.T) {
	cfg := testConfig(t.TempDir())
	cfg.RetentionBytes, cfg.SegmentBytes = 1<<20, 1<<18
	b := start(t, cfg)
	if err := b.Cluster().CreateTopic("t", 1, nil); err != nil { // without retention settings
		t.Fatal(err)
	}
	cl := client(t, b.Addr(), kgo.ProducerBatchCompression(kgo.NoCompression()))
	value := make([]byte, 64<<10)
	for range 200 {
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: "t", Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	b.Cluster().ApplyRetention()
	if n := dirSize(t, cfg.DataDir); n > 2<<20 {
		t.Errorf("%d bytes on disk with a limit of %d", n, cfg.RetentionBytes)
	}
}

func dirSize(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFullDiskMakesProducersWait checks that writes wait for disk space and succeed later.
func TestFullDiskMakesProducersWait(t *testing.T) {
	var free atomic.Uint64
	health := make(chan error, 4)
	cfg := testConfig(t.TempDir())
	cfg.MinFreeBytes = 100
	cfg.free = func(string) (uint64, error) { return free.Load(), nil }
	cfg.Health = func(_ string, err error) { health <- err }
	b := start(t, cfg)
	if err := b.Cluster().CreateTopic("t", 1, nil); err != nil {
		t.Fatal(err)
	}
	if err := <-health; obs.CodeOf(err) != vocabulary.ConditionBrokerDiskFull {
		t.Fatalf("health: %v", err)
	}
	cl := client(t, b.Addr())
	done := make(chan error, 1)
	refused := b.Cluster().PartitionInfo("t", 0)
	cl.Produce(t.Context(), &kgo.Record{Topic: "t", Value: []byte("x")}, func(_ *kgo.Record, err error) { done <- err })
	if refused.HighWatermark != 0 {
		t.Fatal("a record was written to a full disk")
	}
	free.Store(1000)
	if err := <-health; err != nil {
		t.Fatalf("health: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatal("the record is still waiting")
	}
	if n := b.Cluster().PartitionInfo("t", 0).HighWatermark; n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}
