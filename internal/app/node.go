package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// Options are what a role needs besides its configuration.
type Options struct {
	settings.Options
	Role         string    // what the process calls itself in /stats
	ExitWhenDone bool      // end when the input has been worked off
	Announce     io.Writer // where a person is told the addresses; nil: nobody
	// Hooks, for measuring; nil: none.
	OnReady   func(Addresses)
	OnDrained func()                   // with ExitWhenDone: everything has been scored
	Scores    func(*models.ScoreBatch) // sees every batch of scores before it is published
}

// Addresses is where a running process can be reached.
type Addresses struct {
	Page      string // URL
	WebSocket string // URL
	Broker    string // host:port
}

// node is what every role has.
type node struct {
	cfg      *config.Config
	opts     Options
	log      *slog.Logger
	ledger   *obs.Ledger
	publish  *obs.Stage // nil where the role has no sensor
	health   *obs.Health
	files    *obs.Descriptors
	registry *prometheus.Registry
	brokers  []string
	broker   *embedded.Broker // nil where a cluster is used
	client   *client.Client
	closers  []func() // of what uses the client, first to last
}

// The stages of the ledger, in the order of the data.
var (
	sensorStages = []string{"capture", "decode", "conntrack", "publish", "send connections"}
	engineStages = []string{"consume", "score", "alert", "send alerts"}
	coreStages   = []string{"record alerts", "record connections", "live"}
)

// newNode connects to the brokers and makes sure that the topics exist. Where no
// broker is configured and own is set, it starts the embedded one. stages are those of the
// ledger that the role has.
func newNode(ctx context.Context, cfg *config.Config, opts Options, own bool, stages ...string) (*node, error) {
	n := &node{cfg: cfg, opts: opts, log: opts.Log, ledger: &obs.Ledger{}, health: obs.NewHealth(), files: obs.NewDescriptors(), registry: prometheus.NewRegistry()}
	n.health.Check("descriptors", n.files.Health)
	watching, stop := context.WithCancel(ctx)
	n.closers = append(n.closers, stop)
	go n.files.Watch(watching, opts.Log)
	for _, name := range stages {
		if stage := n.ledger.Stage(name); name == "publish" {
			n.publish = stage
		}
	}
	if err := obs.Register(n.registry, n.ledger); err != nil {
		return nil, err
	}
	n.brokers = cfg.KafkaBrokers
	if len(n.brokers) == 0 {
		if !own {
			return nil, settings.ErrNoBrokers
		}
		bc := settings.Broker(cfg, settings.AnyPort, opts.Log)
		bc.Health = n.health.Set
		broker, err := embedded.Start(ctx, bc)
		if err != nil {
			return nil, fmt.Errorf("embedded broker: %w", err)
		}
		n.broker, n.brokers = broker, []string{broker.Addr()}
		if err := n.registry.Register(broker.Collector()); err != nil {
			return nil, n.closeAfter(err)
		}
	}
	conn, err := client.Dial(ctx, n.busConfig(), n.busDeps())
	if err != nil {
		return nil, n.closeAfter(err)
	}
	n.client = conn
	n.health.Set(client.Component, nil)
	if err := conn.EnsureTopics(ctx); err != nil {
		return nil, n.closeAfter(err)
	}
	return n, nil
}

// closeAfter closes what is open after err, which it returns.
func (n *node) closeAfter(err error) error {
	n.close()
	return err
}

// close ends the client, then the broker: the data's order.
func (n *node) close() {
	for _, c := range slices.Backward(n.closers) {
		c()
	}
	if n.client != nil {
		n.client.Close()
	}
	if n.broker != nil {
		if err := n.broker.Close(); err != nil {
			n.log.Error("embedded broker did not close well", "err", err)
		}
	}
}

// announce tells a person something, without the decoration of a log line.
func (n *node) announce(format string, args ...any) {
	if n.opts.Announce != nil {
		fmt.Fprintf(n.opts.Announce, format+"\n", args...)
	}
}
