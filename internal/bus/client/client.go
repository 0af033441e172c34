package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kslog"

	"github.com/netlyra/netlyra/internal/bus/cluster"
	"github.com/netlyra/netlyra/internal/bus/record"
	"github.com/netlyra/netlyra/internal/bus/writer"
	"github.com/netlyra/netlyra/internal/obs"
)

// Deps are the dependencies of a Client. All fields may be zero.
type Deps struct {
	Log        *slog.Logger
	Registerer prometheus.Registerer
	Health     func(component string, err error) // called on changes; must not block
	Publish    *obs.Stage                        // counts packets: in, out (acknowledged), dropped by reason
	Records    map[string]*obs.Stage             // by topic, without packets: counts records in the same way
	Dialer     func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client is a connection to the cluster. It may be used from any goroutine.
type Client struct {
	cfg       Config
	deps      Deps
	log       *slog.Logger
	metrics   *Metrics
	health    *health
	immediate *writer.Writer // without linger: alerts, dead letters, checkpoints, scores
	bulk      *writer.Writer // with linger: connections, stats
	meta      *kgo.Client    // neither produces nor consumes
	adm       *kadm.Client
	watcher   *cluster.Watcher
	watch     sync.WaitGroup
	unwatch   context.CancelFunc
	refused   struct{ immediate, bulk writer.Failures } // since Dial

	connections struct{ records, bytes atomic.Int64 } // published
	held        atomic.Int64                          // nanoseconds that packets waited for consumers
	open        transactions                          // in the topics of groups

	mu      sync.Mutex
	sources []PositionSource
}

// Dial connects to the cluster. If no broker answers within Config.DialTimeout, the error has
// the failure of each address.
func Dial(ctx context.Context, cfg Config, deps Deps) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Health == nil {
		deps.Health = func(string, error) {}
	}
	c := &Client{cfg: cfg, deps: deps, log: deps.Log, metrics: newMetrics(deps.Registerer)}
	c.health = &health{report: deps.Health, log: deps.Log, down: map[int32]error{}}
	if err := c.reach(ctx); err != nil {
		return nil, err
	}
	if err := c.connect(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// connect creates the franz-go clients and starts the watcher.
func (c *Client) connect(ctx context.Context) (err error) {
	if c.meta, err = c.NewKgo("admin"); err != nil {
		return err
	}
	c.adm = kadm.NewClient(c.meta)
	c.adm.SetTimeoutMillis(int32(c.cfg.DialTimeout.Milliseconds()))
	c.watcher = cluster.New(c.adm, c.cfg.Topics.All(), c.log)
	if c.immediate, err = c.NewWriter("immediate", 0, kgo.SnappyCompression(), writer.Config{Settled: c.onSettled, Queued: c.cfg.MaxBufferedBytes}); err != nil {
		return err
	}
	if c.bulk, err = c.NewWriter("bulk", c.cfg.Linger, kgo.SnappyCompression(), writer.Config{Settled: c.onSettled, Queued: c.cfg.MaxBufferedBytes}); err != nil {
		return err
	}
	if err := c.ping(ctx); err != nil {
		return err
	}
	if err := c.watcher.Poll(ctx); err != nil { // Run polls again
		c.log.Debug("cannot poll the topics", "err", err)
	}
	watch, unwatch := context.WithCancel(context.WithoutCancel(ctx))
	c.unwatch = unwatch
	c.watch.Go(func() { c.watcher.Run(watch) })
	return nil
}

// NewWriter returns a Writer whose clients have the settings of this Client.
func (c *Client) NewWriter(kind string, linger time.Duration, codec kgo.CompressionCodec, cfg writer.Config, opts ...kgo.Opt) (*writer.Writer, error) {
	cfg.Watcher, cfg.Log = c.watcher, c.log
	cfg.Client = func(own ...kgo.Opt) (*kgo.Client, error) {
		return c.NewProducer(kind, linger, codec, append(own, opts...)...)
	}
	return writer.New(cfg)
}

// reach opens a connection to any of the addresses, for an error that an operator can act
// upon: franz-go would retry.
func (c *Client) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.DialTimeout)
	defer cancel()
	dial := c.deps.Dialer
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	var problems []string
	for _, addr := range c.cfg.Brokers {
		conn, err := dial(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		problems = append(problems, err.Error())
	}
	return fmt.Errorf("no Kafka broker is reachable at %s: %s; check that it runs and that KAFKA_BROKERS is right, or leave KAFKA_BROKERS empty to start the embedded broker",
		strings.Join(c.cfg.Brokers, ", "), strings.Join(problems, "; "))
}

func (c *Client) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.DialTimeout)
	defer cancel()
	if err := pinged(ctx, c.meta); err != nil {
		return fmt.Errorf("no Kafka broker answers at %s: %w; check TLS and SASL settings and the advertised address",
			strings.Join(c.cfg.Brokers, ", "), err)
	}
	return nil
}

// pinged is kgo.Client.Ping, which does not return while a broker that has accepted the
// connection sends nothing: it ends with ctx. The request itself ends when the client closes.
func pinged(ctx context.Context, cl *kgo.Client) error {
	done := make(chan error, 1)
	go func() { done <- cl.Ping(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// NewKgo returns a franz-go client with the options that all clients share. kind is appended to
// the client id.
func (c *Client) NewKgo(kind string, opts ...kgo.Opt) (*kgo.Client, error) {
	id := c.cfg.ClientID + "-" + kind
	tlsConfig, err := c.cfg.TLS.Config()
	if err != nil {
		return nil, err
	}
	common := []kgo.Opt{
		kgo.SeedBrokers(c.cfg.Brokers...),
		kgo.ClientID(id),
		kgo.MaxDecompressBatchBytes(record.MaxBatch),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), // skip records of aborted and open transactions
		kgo.WithLogger(kslog.New(kafkaLog(c.log))),
		kgo.MetadataMinAge(500 * time.Millisecond), // delay before a refused write is retried
		kgo.MetadataMaxAge(10 * time.Second),       // the watcher notices changes sooner
		kgo.DialTimeout(3 * time.Second),
		kgo.RequestTimeoutOverhead(max(c.cfg.DialTimeout, time.Second)),
		kgo.RetryBackoffFn(func(n int) time.Duration { return min(20*time.Millisecond<<min(n, 6), time.Second) }),
		kgo.DisableClientMetrics(),
		kgo.WithHooks(c.health),
	}
	if kind != "admin" {
		// The admin client has verified the settings. A broker with too many connections closes
		// new ones, and records must not fail because of that.
		common = append(common, kgo.AlwaysRetryEOF())
	}
	hooks, drop := c.metrics.hooks(id)
	common = append(common, kgo.WithHooks(hooks...))
	switch {
	case c.deps.Dialer != nil:
		common = append(common, kgo.Dialer(OverTLS(c.deps.Dialer, tlsConfig)))
	case tlsConfig != nil:
		common = append(common, kgo.DialTLSConfig(tlsConfig))
	}
	if m := c.cfg.SASL.mechanism(); m != nil {
		common = append(common, kgo.SASL(m))
	}
	cl, err := kgo.NewClient(append(common, opts...)...)
	if err != nil {
		drop()
		return nil, fmt.Errorf("bus: client %s: %w", kind, err)
	}
	return cl, nil
}

// NewProducer returns a producing client: acknowledged by all in-sync replicas, idempotent, in
// order, with retries until the client closes.
func (c *Client) NewProducer(kind string, linger time.Duration, codec kgo.CompressionCodec, opts ...kgo.Opt) (*kgo.Client, error) {
	return c.NewKgo(kind, append([]kgo.Opt{
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(linger),
		kgo.ProducerBatchCompression(codec),
		kgo.MaxBufferedRecords(1 << 20),
		kgo.MaxBufferedBytes(c.cfg.MaxBufferedBytes),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
	}, opts...)...)
}

// Config returns the configuration in use.
func (c *Client) Config() Config { return c.cfg }

// Deps returns the dependencies; Log and Health are never nil.
func (c *Client) Deps() Deps { return c.deps }

// Log returns the logger.
func (c *Client) Log() *slog.Logger { return c.log }

// Metrics returns the counters that producers and consumers of this Client share.
func (c *Client) Metrics() *Metrics { return c.metrics }

// Admin returns the administrative client.
func (c *Client) Admin() *kadm.Client { return c.adm }

// Watcher returns the watcher of NetLyra's topics.
func (c *Client) Watcher() *cluster.Watcher { return c.watcher }

// Immediate returns the writer without linger.
func (c *Client) Immediate() *writer.Writer { return c.immediate }

// AddHeld counts time that packets waited because consumers were too far behind.
func (c *Client) AddHeld(d time.Duration) { c.held.Add(int64(d)) }

// HeldBack returns how long packets have waited in total because the engine's or the
// recorder's group was too far behind.
func (c *Client) HeldBack() time.Duration { return time.Duration(c.held.Load()) }

// FlushAlerts waits until all alerts and dead letters are acknowledged, but not for bulk
// records. It returns an error if ctx ends first, or if a broker has refused any of them
// since Dial: the caller must not commit then.
func (c *Client) FlushAlerts(ctx context.Context) error {
	if err := c.immediate.Flush(ctx); err != nil {
		return fmt.Errorf("bus: flush of alerts: %w", err)
	}
	return c.refused.immediate.Err()
}

// Flush waits until everything published, except packets, is acknowledged. It returns an error
// if ctx ends first, or if a broker has refused any of it.
func (c *Client) Flush(ctx context.Context) error {
	err := errors.Join(c.immediate.Flush(ctx), c.bulk.Flush(ctx))
	if err != nil {
		return fmt.Errorf("bus: flush: %w", err)
	}
	return errors.Join(c.refused.immediate.Err(), c.refused.bulk.Err())
}

// Close drops what is buffered: call Flush before. Close groups and producers before it.
func (c *Client) Close() {
	if c.unwatch != nil {
		c.unwatch()
		c.watch.Wait()
	}
	for _, w := range []*writer.Writer{c.immediate, c.bulk} {
		if w != nil {
			w.Close()
		}
	}
	if c.meta != nil {
		c.meta.Close()
	}
}
