package bustest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/netlyra/netlyra/internal/bus/embedded"
)

// Broker is an embedded broker, or the cluster of KAFKA_BROKERS.
type Broker struct {
	t        testing.TB
	embedded *embedded.Broker // nil for a cluster
	addr     string
}

// StartBroker starts an embedded broker on dir ("" for a new directory). With
// KAFKA_BROKERS set and no dir it returns that cluster.
func StartBroker(t testing.TB, dir string) *Broker {
	t.Helper()
	if addr := os.Getenv("KAFKA_BROKERS"); addr != "" && dir == "" {
		return &Broker{t: t, addr: addr}
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
	return &Broker{t, b, b.Addr()}
}

// Addr returns HOST:PORT, or a comma-separated list of them.
func (b *Broker) Addr() string { return b.addr }

// Cluster returns the broker's faults and its data. It skips the test on a cluster.
func (b *Broker) Cluster() *kfake.Cluster {
	b.t.Helper()
	b.mustOwn()
	return b.embedded.Cluster()
}

// Close stops the broker. It skips the test on a cluster.
func (b *Broker) Close() error {
	b.t.Helper()
	b.mustOwn()
	return b.embedded.Close()
}

// Compact compacts the topics now; on a cluster it does nothing.
func (b *Broker) Compact() {
	if b.embedded != nil {
		b.embedded.Cluster().Compact()
	}
}

func (b *Broker) mustOwn() {
	b.t.Helper()
	if b.embedded == nil {
		b.t.Skip("needs its own broker: unset KAFKA_BROKERS")
	}
}
