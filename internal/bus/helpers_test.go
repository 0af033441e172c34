package bus

import (
	"context"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/embedded"
)

// testBroker is the embedded broker, or the cluster of KAFKA_BROKERS.
type testBroker struct {
	t        testing.TB
	embedded *embedded.Broker // nil: a cluster
	addr     string
}

// broker starts an embedded one on the directory ("" = a new one). Where KAFKA_BROKERS
// is set and the directory does not matter, the tests use that cluster: see own.
func broker(t testing.TB, dir string) *testBroker {
	t.Helper()
	if addr := os.Getenv("KAFKA_BROKERS"); addr != "" && dir == "" {
		return &testBroker{t: t, addr: addr}
	}
	cfg := embedded.DefaultConfig()
	if cfg.DataDir = dir; dir == "" {
		cfg.DataDir = t.TempDir()
	}
	cfg.MinFreeBytes = 0
	cfg.RetentionInterval = 20 * time.Millisecond
	b, err := embedded.Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return &testBroker{t, b, b.Addr()}
}

func (b *testBroker) Addr() string { return b.addr }

// Cluster gives the embedded broker's faults; a real cluster has none to give.
func (b *testBroker) Cluster() *kfake.Cluster { b.t.Helper(); b.own(); return b.embedded.Cluster() }

func (b *testBroker) Close() error { b.t.Helper(); b.own(); return b.embedded.Close() }

// own leaves the test out where the broker is not this test's to break.
func (b *testBroker) own() {
	b.t.Helper()
	if b.embedded == nil {
		b.t.Skip("needs a broker of its own: unset KAFKA_BROKERS")
	}
}

// dial connects to b with the topics made; change may alter the configuration. On a
// cluster topics and group have names of this test and run, and are deleted after it.
func dial(t testing.TB, addr string, deps Deps, change func(*Config)) *Client {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Brokers = strings.Split(addr, ",")
	cfg.Linger = time.Millisecond
	shared := addr == os.Getenv("KAFKA_BROKERS")
	if shared {
		rename(t, &cfg)
	}
	if change != nil {
		change(&cfg)
	}
	if deps.Log == nil && testing.Verbose() {
		deps.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	c, err := Dial(t.Context(), cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if shared {
		t.Cleanup(func() { c.forgetTest(t) })
	}
	if err := c.EnsureTopics(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// testRun tells the names of this run from those of all others.
var testRun = strconv.FormatInt(time.Now().UnixNano(), 36)

var notInNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func rename(t testing.TB, cfg *Config) {
	prefix := "netlyra-test." + testRun + "." + notInNames.ReplaceAllString(t.Name(), "_") + "."
	for _, name := range []*string{
		&cfg.Topics.Packets, &cfg.Topics.Alerts, &cfg.Topics.Connections, &cfg.Topics.Models, &cfg.Topics.Checkpoints,
		&cfg.Topics.DeadLetters, &cfg.Topics.Stats, &cfg.Topics.Scores, &cfg.EngineGroup,
	} {
		*name = prefix + *name
	}
}

// forgetTest deletes what the test made on a cluster that others use too. The test may
// have cut its own client off.
func (c *Client) forgetTest(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	own, err := Dial(ctx, c.cfg, Deps{})
	if err == nil {
		defer own.Close()
		_, err = own.adm.DeleteTopics(ctx, c.cfg.Topics.all()...)
	}
	if err != nil {
		t.Log("topics of the test stay on the cluster:", err)
		return
	}
	if c.cfg.EngineGroup != "" {
		_, _ = own.adm.DeleteGroups(ctx, c.cfg.EngineGroup) // it may never have been
	}
}

// produceRaw writes values as any other program would, without key or header.
func produceRaw(t testing.TB, c *Client, topic string, values ...string) {
	t.Helper()
	for _, v := range values {
		if err := c.prompt.Client().ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func produceKey(t testing.TB, c *Client, key []byte) {
	t.Helper()
	if err := c.prompt.Client().ProduceSync(t.Context(), &kgo.Record{Topic: c.cfg.Topics.Packets, Key: key}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func counter(t testing.TB, c prometheus.Metric) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

// textLog writes to w from any goroutine.
func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(&locked{w: w}, nil)) }

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// errForGood is an error that nothing can be done about.
var errForGood = kerr.InvalidRecord
