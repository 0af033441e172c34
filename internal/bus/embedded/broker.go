package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/netlyra/netlyra/internal/bus/embedded/guard"
	"github.com/netlyra/netlyra/internal/fsguard"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// ClusterID is the cluster id of the embedded broker.
const ClusterID = "netlyra"

// Broker is a running embedded broker.
type Broker struct {
	cfg      Config
	cluster  *kfake.Cluster
	guard    *guard.Listener
	acceptor *acceptor
	lock     *fsguard.Lock
	addr     string
	stop     context.CancelFunc
	done     chan struct{} // closed when upkeep has ended
	once     sync.Once
}

// Start locks the directory, reads the log and listens. It fails if another process uses
// the directory, the address is in use or the log cannot be read; the error says what to do.
// The broker runs until Close, also after ctx has ended, so that clients can flush and commit
// during a shutdown.
func Start(ctx context.Context, cfg Config) (*Broker, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Health == nil {
		cfg.Health = func(string, error) {}
	}
	if cfg.free == nil {
		cfg.free = freeBytes
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	lock, err := lockDir(cfg.DataDir, cfg.Log)
	if err != nil {
		return nil, err
	}
	b := &Broker{cfg: cfg, lock: lock, done: make(chan struct{})}
	if err = forgetLogin(cfg.DataDir); err == nil {
		b.cluster, err = open(b.options())
	}
	if err != nil {
		_ = lock.Close()
		return nil, startError(&cfg, err)
	}
	b.addr = b.cluster.ListenAddrs()[0]
	_ = lock.Note(b.addr) // for Running; the broker works without it
	ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.guardDisk()
	b.guardDescriptors()
	b.guardRequests()
	go b.upkeep(ctx)
	cfg.Log.Info("embedded broker is listening", vocabulary.EventBrokerListening.Attr(), "address", b.addr, "dir", cfg.DataDir)
	return b, nil
}

func startError(cfg *Config, err error) error {
	if _, ok := err.(*net.OpError); ok {
		return fmt.Errorf("embedded broker: cannot listen on %s: %w; choose another port, or stop the process that uses it", cfg.Listen, err)
	}
	return fmt.Errorf("embedded broker: cannot read the log in %s: %w; to start with an empty log, move the directory away", cfg.DataDir, err)
}

func (b *Broker) options() []kfake.Opt {
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ClusterID(ClusterID),
		kfake.DefaultNumPartitions(1),
		kfake.DataDir(filepath.Join(b.cfg.DataDir, logName)),
		kfake.ListenFn(b.listen),
		kfake.WithLogger(kfakeLog{b.cfg.Log}),
		kfake.BrokerConfigs(map[string]string{
			"log.retention.bytes":    strconv.FormatInt(b.cfg.RetentionBytes, 10),
			"log.retention.ms":       ms(b.cfg.RetentionAge),
			"log.segment.bytes":      strconv.FormatInt(b.cfg.SegmentBytes, 10),
			"log.cleaner.backoff.ms": ms(b.cfg.CompactInterval),
			// On one host, no network delays heartbeats, so a fail-over can take as little as a second.
			"group.min.session.timeout.ms": "500",
			"group.max.size":               maxMembers,
		}),
	}
	opts = append(opts, b.cfg.Login.options()...)
	if b.cfg.SyncWrites {
		opts = append(opts, kfake.SyncWrites())
	}
	return opts
}

// listen listens on the configured address, guarded; kfake itself would always use 127.0.0.1.
func (b *Broker) listen(network, _ string) (net.Listener, error) {
	l, err := net.Listen(network, b.cfg.Listen)
	if err != nil {
		return nil, err
	}
	b.guard = guard.New(l, b.guardConfig())
	b.acceptor = newAcceptor(b.guard)
	if b.cfg.Advertise == "" {
		return b.acceptor, nil
	}
	return advertised{b.acceptor, advertisedAddr(b.cfg.Advertise)}, nil
}

// advertised is a listener that reports the advertised address.
type advertised struct {
	net.Listener
	addr advertisedAddr
}

func (a advertised) Addr() net.Addr { return a.addr }

type advertisedAddr string

func (advertisedAddr) Network() string  { return "tcp" }
func (a advertisedAddr) String() string { return string(a) }

// Addr returns HOST:PORT for clients.
func (b *Broker) Addr() string { return b.addr }

// Cluster returns kfake's cluster, whose faults tests use.
func (b *Broker) Cluster() *kfake.Cluster { return b.cluster }

// Close stops the broker, writes everything to disk and unlocks the directory. Further calls
// have no effect.
func (b *Broker) Close() error {
	b.once.Do(func() {
		b.stop()
		<-b.done // upkeep would block forever on a closed cluster
		b.cluster.Close()
		_ = forgetLogin(b.cfg.DataDir)
		_ = b.lock.Close()
		b.cfg.Log.Info("embedded broker closed", vocabulary.EventBrokerClosed.Attr(), "dir", b.cfg.DataDir)
	})
	return nil
}

type kfakeLog struct{ log *slog.Logger }

// Logf logs errors and warnings of kfake, and ignores lower levels.
func (l kfakeLog) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		l.log.Error("embedded broker reported an error", vocabulary.EventBrokerInternal.Attr(), "detail", fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		l.log.Warn("embedded broker reported a problem", vocabulary.EventBrokerInternal.Attr(), "detail", fmt.Sprintf(format, args...))
	}
}
