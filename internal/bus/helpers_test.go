package bus

import (
	"io"
	"log/slog"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// produceRaw writes values as any other program would, without key or header.
func produceRaw(t testing.TB, c *Client, topic string, values ...string) {
	t.Helper()
	for _, v := range values {
		if err := c.prompt.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func produceKey(t testing.TB, c *Client, key []byte) {
	t.Helper()
	if err := c.prompt.ProduceSync(t.Context(), &kgo.Record{Topic: c.cfg.Topics.Packets, Key: key}).FirstErr(); err != nil {
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

// errTooLarge is an error that clients do not try again.
var errTooLarge = kerr.MessageTooLarge
