package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/ledger"
	"github.com/netlyra/netlyra/internal/live"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/store"
	"github.com/netlyra/netlyra/internal/store/recorder"
)

// core is the part of NetLyra that stores and serves: recorder, API, WebSocket.
type core struct {
	node       *node
	store      *store.Store
	hub        *live.Hub
	api        *api.Server
	recorder   *consumer.Group
	recording  *recording // the group's handler
	aggregator *ledger.Aggregator
	feed       *feed
	ledger     *ledgerService
}

// Core runs the recorder, API and WebSocket, and a sensor if there is an input.
func Core(ctx context.Context, cfg *config.Config, in sensor.Input, opts Options) (err error) {
	opts.Role = "core"
	has := coreStages
	if !in.None() {
		has = slices.Concat(sensorStages, coreStages)
	}
	n, err := newNode(ctx, cfg, opts, false, has...)
	if err != nil {
		return err
	}
	defer n.close()
	c, err := n.newCore(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	p := pipeline{log: n.log}
	var sensor *sensor.Sensor
	if !in.None() {
		if sensor, err = n.sensor(ctx, in); err != nil {
			return err
		}
		p.stages = append(p.stages, stage{name: "sensor", run: sensor.Run, finite: true})
	}
	p.stages = append(p.stages, c.stages()...)
	p.stages = append(p.stages, c.accounts(sensor, nil)...)
	p.ready = func() { c.announce(in) }
	return p.run(ctx)
}

// newCore opens the database and binds the ports, so that errors are reported before
// anything runs.
func (n *node) newCore(ctx context.Context) (*core, error) {
	c := &core{node: n, aggregator: ledger.NewAggregator()}
	var err error
	if c.store, err = store.Open(ctx, settings.Store(n.cfg), store.WithLogger(n.log), store.WithRegisterer(n.registry)); err != nil {
		return nil, err
	}
	if c.ledger, err = n.newLedger(ctx, c.store, c.aggregator.Observe); err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.feed = &feed{client: n.client, cfg: n.cfg, aggregator: c.aggregator}
	c.hub = live.New(settings.Live(n.cfg), n.liveDeps(c.feed))
	c.feed.hub = c.hub
	if err = c.hub.Listen(); err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.api = api.New(n.apiConfig(c.hub.Addr()), n.apiDeps(c))
	if err = c.api.Listen(); err != nil {
		return nil, errors.Join(err, c.close())
	}
	c.recording = newRecording(recorder.New(c.store, n.recorderDeps(c.hub)))
	c.recorder = consumer.NewGroup(n.client, consumer.GroupConfig{
		Group:         n.cfg.KafkaGroupCore,
		Topics:        []string{n.cfg.KafkaTopicAlerts, n.cfg.KafkaTopicConnections},
		FromBeginning: true,
		StopTimeout:   defaultGrace / 2, // unstored records stay in their topics
	}, c.recording)
	c.feed.recorder = c.recorder
	n.health.Set("store", nil)
	n.health.Check("retention", c.store.Health)
	n.health.Check("engine", c.feed.engineHealth)
	n.health.Check("ledger", c.ledger.book.Health)
	n.health.Check("processes", c.feed.othersHealth)
	return c, nil
}

// stages returns the stages of a core, in the order of the data.
func (c *core) stages() []stage {
	return []stage{
		{name: "recorder", run: c.recorder.Run, drain: c.recorder.WaitCaughtUp},
		{name: "retention", run: c.store.Run},
		{name: "feed", run: c.feed.Run},
		{name: "live", run: c.hub.Run},
		{name: "api", run: c.api.Run},
	}
}

// accounts returns the stages that stop last: the reports of this process's counts, and
// the ledger that receives them. sensor and s may be nil.
func (c *core) accounts(sensor *sensor.Sensor, s *scorer) []stage {
	t := c.node.telemetry(sensor, s)
	t.core, t.book = progressSource{c.recorded, c.recording.last}, c.ledger.book
	return []stage{{name: "telemetry", run: t.Run}, {name: "ledger", run: c.ledger.Run}}
}

func (c *core) close() error { return c.store.Close() }

// announce prints the addresses of everything that runs.
func (c *core) announce(in sensor.Input) {
	n := c.node
	n.announce("NetLyra %s", obs.Version())
	a := Addresses{Page: fmt.Sprintf("http://%v/", reachable(c.api.Addr())), WebSocket: fmt.Sprintf("ws://%v/ws", reachable(c.hub.Addr()))}
	n.announce("  page       %s", a.Page)
	if n.cfg.PublicURL != "" {
		n.announce("  public     %s", n.cfg.PublicURL)
	}
	n.announce("  websocket  %s", a.WebSocket)
	if n.broker != nil {
		n.announce("  broker     embedded, at %s, with its log in %s (set KAFKA_BROKERS to use a cluster)", n.broker.Addr(), n.cfg.DataDir)
	} else {
		n.announce("  broker     %v", n.cfg.KafkaBrokers)
	}
	n.announce("  traffic    %s", in.Describe())
	if n.opts.OnReady != nil {
		if n.broker != nil {
			a.Broker = n.broker.Addr()
		}
		n.opts.OnReady(a)
	}
}

// reachable returns the address to connect to from this machine: loopback for a server
// that listens on all addresses.
func reachable(a net.Addr) net.Addr {
	if t, ok := a.(*net.TCPAddr); ok && t.IP.IsUnspecified() {
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: t.Port}
	}
	return a
}
