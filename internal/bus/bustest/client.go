package bustest

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
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
)

// Dial connects to addr and creates the topics; change may alter the configuration. On a
// shared cluster topics and group are named after the test and deleted at its end.
func Dial(t testing.TB, addr string, deps client.Deps, change func(*client.Config)) *client.Client {
	t.Helper()
	cfg := client.DefaultConfig()
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
	c, err := client.Dial(t.Context(), cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if shared {
		t.Cleanup(func() { deleteTopics(t, cfg) })
	}
	if err := c.EnsureTopics(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// testRun distinguishes the names of this run from those of others.
var testRun = strconv.FormatInt(time.Now().UnixNano(), 36)

var notInNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// uniqueName returns a prefix for names of this test and run.
func uniqueName(t testing.TB) string {
	return testRun + "." + notInNames.ReplaceAllString(t.Name(), "_") + "."
}

func rename(t testing.TB, cfg *client.Config) {
	prefix := "netlyra-test." + uniqueName(t)
	for _, name := range []*string{
		&cfg.Topics.Packets, &cfg.Topics.Alerts, &cfg.Topics.Connections, &cfg.Topics.Checkpoints,
		&cfg.Topics.DeadLetters, &cfg.Topics.Stats, &cfg.Topics.Scores, &cfg.EngineGroup,
	} {
		*name = prefix + *name
	}
}

// deleteTopics deletes what the test created on a shared cluster. It uses a new client,
// for the test may have cut its own off.
func deleteTopics(t testing.TB, cfg client.Config) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := client.Dial(ctx, cfg, client.Deps{})
	if err == nil {
		defer c.Close()
		_, err = c.Admin().DeleteTopics(ctx, cfg.Topics.All()...)
	}
	if err != nil {
		t.Log("topics of the test remain on the cluster:", err)
		return
	}
	if cfg.EngineGroup != "" {
		_, _ = c.Admin().DeleteGroups(ctx, cfg.EngineGroup) // it may not exist
	}
}

// ProduceRaw produces values as any other program would, without keys and headers.
func ProduceRaw(t testing.TB, c *client.Client, topic string, values ...string) {
	t.Helper()
	for _, v := range values {
		Produce(t, c, &kgo.Record{Topic: topic, Value: []byte(v)})
	}
}

// Produce produces records and waits for their acknowledgement.
func Produce(t testing.TB, c *client.Client, rs ...*kgo.Record) {
	t.Helper()
	if err := c.Immediate().Client().ProduceSync(t.Context(), rs...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// Counter returns the value of a counter.
func Counter(t testing.TB, c prometheus.Metric) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

// TextLog returns a logger that writes to w from any goroutine.
func TextLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(&locked{w: w}, nil)) }

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// WaitFor polls every 20 ms until a condition holds, for at most Soon.
func WaitFor(t testing.TB, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(Soon); !cond(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("timeout: " + what)
		}
	}
}

// Soon limits how long a test waits for something that takes milliseconds.
const Soon = 10 * time.Second
