package bus

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// TestBackPressure: a producer without pace, a slow engine, and retention far smaller
// than the traffic. Nothing is lost, for the producer waits.
func TestBackPressure(t *testing.T) {
	const n = 40000 // about 10 MB in a topic that keeps 1 MiB
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{}, func(c *Config) {
		c.PacketsRetentionBytes, c.MaxBufferedBytes, c.Compression = 1<<20, 1<<16, "none"
	})
	h := newCollector()
	g, _ := join(t, c, GroupConfig{}, h)
	h.until(t, "the engine has joined", func() bool { return len(h.owned) == 1 })
	publish(t, c, 0, n)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkAll(t, h.packets, n)
	if lost := counter(t, c.metrics.lost.WithLabelValues(c.cfg.Topics.Packets, g.cfg.Group)); lost != 0 {
		t.Errorf("%v lost", lost)
	}
	if counter(t, c.metrics.held) == 0 || c.HeldBack() == 0 {
		t.Error("the producer never waited: the test shows nothing")
	}
	if info := b.Cluster().PartitionInfo(c.cfg.Topics.Packets, 0); info.LogStartOffset == 0 {
		t.Error("retention never removed anything: the test shows nothing")
	}
}

// TestBackPressureAcrossProcesses is the same with the engine on another Client, of
// which the producer knows only what it commits.
func TestBackPressureAcrossProcesses(t *testing.T) {
	const n = 20000
	b := broker(t, "")
	small := func(c *Config) { c.PacketsRetentionBytes, c.MaxBufferedBytes, c.Compression = 1<<20, 1<<16, "none" }
	producer, engine := dial(t, b.Addr(), Deps{}, small), dial(t, b.Addr(), Deps{}, small)
	h := newCollector()
	g, _ := join(t, engine, GroupConfig{}, h)
	h.until(t, "the engine has joined", func() bool { return len(h.owned) == 1 })
	publish(t, producer, 0, n)
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkAll(t, h.packets, n)
}

// TestNoEngine: without one the producer does not wait for ever, and what retention
// removes is said.
func TestNoEngine(t *testing.T) {
	var log strings.Builder
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{Log: textLog(&log)}, func(c *Config) {
		c.PacketsRetentionBytes, c.Compression, c.StallAfter = 1<<17, "none", time.Millisecond
	})
	p, err := c.NewPacketProducer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := range 5000 {
		if err := p.Publish(meta(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Cluster().ApplyRetention()
	if err := p.gate.poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.gate.polling.Lock()
	defer p.gate.polling.Unlock()
	if m := p.gate.marks[0]; m.removed == 0 || !strings.Contains(log.String(), "start an engine") {
		t.Errorf("removed %d, log %s", m.removed, log.String())
	}
}

func TestAllowance(t *testing.T) {
	c := &Client{cfg: DefaultConfig()}
	g := &pressure{p: &PacketProducer{c: c}, retention: 1000}
	g.acknowledged(10, 100) // ten bytes a record
	now, long := time.Now(), time.Now().Add(-time.Hour)
	for name, x := range map[string]struct {
		m          mark
		start, end int64
		members    bool
		want       int64
	}{
		"nobody":                       {mark{committed: -1, position: -1, moved: now}, 0, 500, false, unlimited},
		"members, nothing committed":   {mark{committed: -1, position: -1, moved: now}, 0, 20, true, 300},
		"committed":                    {mark{committed: 10, position: -1, moved: now}, 0, 20, false, 400},
		"committed long ago, nobody":   {mark{committed: 10, position: -1, moved: long}, 0, 500, false, unlimited},
		"committed long ago, members":  {mark{committed: 10, position: -1, moved: long}, 0, 60, true, 0},
		"here, just begun":             {mark{committed: -1, position: 0, moved: now}, 0, 20, false, 300},
		"here, read but not committed": {mark{committed: 0, position: 70, moved: now}, 0, 70, false, 100},
		"here, never commits":          {mark{committed: 0, position: 100, moved: long}, 0, 100, false, 500},
		"committed before the log":     {mark{committed: 1, position: -1, moved: now}, 50, 60, false, 400},
	} {
		if got := g.allow(&x.m, x.start, x.end, x.members, 0); got != x.want {
			t.Errorf("%s: %d, want %d", name, got, x.want)
		}
	}
}

func TestUnreachableAtStart(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // nobody is there now
	cfg := DefaultConfig()
	cfg.Brokers = []string{addr}
	begin := time.Now()
	if _, err = Dial(t.Context(), cfg, Deps{}); err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "KAFKA_BROKERS") {
		t.Errorf("got %v", err)
	}
	if d := time.Since(begin); d > 6*time.Second {
		t.Errorf("took %s", d)
	}
}

func TestNotABroker(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() { // takes connections and says nothing
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
		}
	}()
	cfg := DefaultConfig()
	cfg.Brokers = []string{l.Addr().String()}
	cfg.DialTimeout = 200 * time.Millisecond
	if _, err = Dial(t.Context(), cfg, Deps{}); err == nil || !strings.Contains(err.Error(), "does not answer as a Kafka broker") {
		t.Errorf("got %v", err)
	}
}

// cable is a network that can be cut.
type cable struct {
	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func (c *cable) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return nil, errors.New("cable cut")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err == nil {
		c.conns[conn] = true
	}
	return conn, err
}

func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	for conn := range c.conns {
		if cut {
			_ = conn.Close()
			delete(c.conns, conn)
		}
	}
}

// TestUnreachableLater: publishing goes on into the buffer, health says what is
// wrong, and when the broker is back everything arrives once.
func TestUnreachableLater(t *testing.T) {
	net := &cable{conns: map[net.Conn]bool{}}
	health := make(chan error, 1000)
	var stage obs.Stage
	c := dial(t, broker(t, "").Addr(), Deps{Dialer: net.dial, Publish: &stage, Health: func(_ string, err error) { health <- err }},
		func(c *Config) { c.MaxBufferedBytes = 1 << 16 })
	h := newCollector()
	g, _ := join(t, c, GroupConfig{}, h)
	p, err := c.NewPacketProducer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	sent := 0
	for ; sent < 100; sent++ {
		if err := p.Publish(meta(sent)); err != nil {
			t.Fatal(err)
		}
	}
	h.until(t, "the first packets", func() bool { return len(h.packets) == 100 })
	net.set(true)
	for p.TryPublish(meta(sent)) { // a live source: until the buffer is full, which it must be soon
		if sent++; sent > 10000 {
			t.Fatal("the buffer has no bound")
		}
	}
	if n := p.Buffered(); n > 1<<16+1<<10 {
		t.Errorf("%d bytes buffered", n)
	}
	waitHealth(t, health, "cable cut")
	net.set(false)
	waitHealth(t, health, "")
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkAll(t, h.packets, sent)
	if n := stage.Counts(); n.In != uint64(sent)+1 || n.Out != uint64(sent) || n.Dropped[DropBufferFull] != 1 {
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
			t.Fatalf("health never says %q", want)
		}
	}
}

// TestPublishEndsWithItsContext: a producer that waits for a broker can be stopped.
func TestPublishEndsWithItsContext(t *testing.T) {
	net := &cable{conns: map[net.Conn]bool{}}
	c := dial(t, broker(t, "").Addr(), Deps{Dialer: net.dial}, func(c *Config) { c.MaxBufferedBytes = 1 << 16 })
	ctx, cancel := context.WithCancel(t.Context())
	p, err := c.NewPacketProducer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	net.set(true)
	time.AfterFunc(300*time.Millisecond, cancel)
	for i := range 100000 {
		if err = p.Publish(meta(i)); err != nil {
			break
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestRefusedRecordsAreCounted: what the broker will never take is not lost in silence.
func TestRefusedRecordsAreCounted(t *testing.T) {
	b := broker(t, "")
	var stage obs.Stage
	c := dial(t, b.Addr(), Deps{Publish: &stage}, nil)
	b.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: errForGood, Count: 1})
	p, err := c.NewPacketProducer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Publish(meta(0)); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(t.Context()); err == nil {
		t.Error("Flush says that all is well")
	}
	if n := stage.Counts(); n.Dropped[DropRefused] != 1 || n.Out != 0 {
		t.Errorf("ledger: %+v", n)
	}
}

const helperDir = "NETLYRA_TEST_BROKER_DIR"

// TestBrokerProcess is not a test: it is the broker that TestKilledBroker kills.
func TestBrokerProcess(t *testing.T) {
	dir := os.Getenv(helperDir)
	if dir == "" {
		t.Skip("the other half of TestKilledBroker")
	}
	cfg := embedded.DefaultConfig()
	cfg.DataDir, cfg.Listen = dir, os.Getenv("NETLYRA_TEST_BROKER_LISTEN")
	b, err := embedded.Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/addr", []byte(b.Addr()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	select {} // until killed
}

// TestKilledBroker: the broker is killed while packets flow, and started again on its
// directory. Everything that was sent is in the log and was handled. What was on its
// way at the kill may stand there twice: the embedded broker forgets the sequence
// numbers of producers that outlive it, which Kafka and Redpanda do not.
func TestKilledBroker(t *testing.T) {
	dir := t.TempDir()
	cmd, addr := brokerProcess(t, dir, "127.0.0.1:0")
	c := dial(t, addr, Deps{}, nil)
	h := newCollector()
	g, _ := join(t, c, GroupConfig{SessionTimeout: 6 * time.Second}, h)
	p, err := c.NewPacketProducer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var sent atomic.Int64
	done := make(chan error, 1)
	go func() {
		for i := range 20000 {
			if err := p.Publish(meta(i)); err != nil {
				done <- err
				return
			}
			sent.Store(int64(i))
		}
		done <- p.Flush(context.Background())
	}()
	h.until(t, "some packets", func() bool { return len(h.packets) > 1000 })
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	brokerProcess(t, dir, addr)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	const sentAll = 20000
	log := logged(t, c)
	t.Logf("%d packets stand in the log twice", len(log)-sentAll)
	for name, packets := range map[string][]models.PacketMeta{"in the log": log, "handled": h.packets} {
		seen := map[uint32]bool{}
		for i := range packets {
			seen[packets[i].PayloadLen] = true
		}
		if len(seen) != sentAll {
			t.Errorf("%d packets of %d are %s", len(seen), sentAll, name)
		}
	}
}

// logged is every packet that stands in the log.
func logged(t *testing.T, c *Client) (packets []models.PacketMeta) {
	t.Helper()
	cfg := TailConfig{Topics: []string{c.cfg.Topics.Packets}, From: From{Beginning: true}, ToEnd: true}
	err := c.Tail(t.Context(), cfg, func(r *models.Record) error {
		return read(r, func(m *models.PacketMeta) error {
			packets = append(packets, *m)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return packets
}

func brokerProcess(t *testing.T, dir, listen string) (*exec.Cmd, string) {
	t.Helper()
	_ = os.Remove(dir + "/addr")
	cmd := exec.Command(os.Args[0], "-test.run=^TestBrokerProcess$")
	cmd.Env = append(os.Environ(), helperDir+"="+dir, "NETLYRA_TEST_BROKER_LISTEN="+listen)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if b, err := os.ReadFile(dir + "/addr"); err == nil && strings.HasSuffix(string(b), "\n") {
			return cmd, strings.TrimSpace(string(b))
		}
		if t.Context().Err() != nil {
			break
		}
	}
	t.Fatal("the broker did not start")
	return nil, ""
}
