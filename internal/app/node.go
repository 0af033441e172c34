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
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/settings"
)

// Options are what a role needs besides its configuration; hooks may be nil.
type Options struct {
	settings.Options
	Role         string    // name of the role in reports
	ExitWhenDone bool      // stop when the input has ended and everything was processed
	Announce     io.Writer // receives the addresses, for people; may be nil
	// Hooks for measuring.
	OnReady   func(Addresses)
	OnDrained func()                   // with ExitWhenDone: everything has been scored
	Scores    func(*models.ScoreBatch) // is called with every batch of scores before it is published
}

// Addresses are the endpoints of a running process.
type Addresses struct {
	Page      string // URL
	WebSocket string // URL
	Broker    string // host:port
}

// node has what every role needs: broker client, metrics, health, counters.
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
	closers  []func() // called before the client is closed, last to first
}

// The stages of the ledger, in the order of the data.
var (
	sensorStages = []string{vocabulary.StageCapture, vocabulary.StageDecode, vocabulary.StageConntrack, vocabulary.StagePublish, vocabulary.StageSendConnections}
	engineStages = []string{vocabulary.StageConsume, vocabulary.StageScore, vocabulary.StageAlert, vocabulary.StageSendAlerts}
	coreStages   = []string{vocabulary.StageRecordAlerts, vocabulary.StageRecordConnections, vocabulary.StageLive}
)

// newNode connects to the brokers and creates missing topics. If no broker is configured
// and own is set, it starts the embedded one. stages are the role's stages in the ledger.
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

// closeAfter closes the node and returns err.
func (n *node) closeAfter(err error) error {
	n.close()
	return err
}

// close closes the client, then the broker.
func (n *node) close() {
	for _, c := range slices.Backward(n.closers) {
		c()
	}
	if n.client != nil {
		n.client.Close()
	}
	if n.broker != nil {
		if err := n.broker.Close(); err != nil {
			n.log.Error("cannot close the embedded broker cleanly", vocabulary.EventBrokerCloseError.Attr(), "err", err)
		}
	}
}

// announce prints a line for people, if Options.Announce is set.
func (n *node) announce(format string, args ...any) {
	if n.opts.Announce != nil {
		fmt.Fprintf(n.opts.Announce, format+"\n", args...)
	}
}
