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

// ClusterID is by what clients can tell the embedded broker from a cluster.
const ClusterID = "netlyra"

// Broker is a running embedded broker.
type Broker struct {
	cfg     Config
	cluster *kfake.Cluster
	guard   *guard.Listener
	door    *door
	lock    *fsguard.Lock
	addr    string
	stop    context.CancelFunc
	done    chan struct{} // closed when upkeep has ended
	once    sync.Once
}

// Start takes the directory, reads what is in it and listens. It fails when another
// process holds the directory, when the address is in use or the log cannot be read;
// the error says which and what to do. The broker runs until Close: clients flush and
// commit after the context of the program has ended.
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
	lock, err := takeDir(cfg.DataDir, cfg.Log)
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
	_ = lock.Note(b.addr) // for Running; that it cannot be written is no reason not to serve
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
		return fmt.Errorf("embedded broker: cannot listen on %s: %w; is another one running there? choose another port or stop it", cfg.Listen, err)
	}
	return fmt.Errorf("embedded broker: cannot read the log in %s: %w; move the directory away to begin anew", cfg.DataDir, err)
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
			// Failing over within a second or two is right on one host, where no network makes members seem dead.
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

// listen opens the configured address, kfake would always take 127.0.0.1, and puts the
// guard before it.
func (b *Broker) listen(network, _ string) (net.Listener, error) {
	l, err := net.Listen(network, b.cfg.Listen)
	if err != nil {
		return nil, err
	}
	b.guard = guard.New(l, b.guardConfig())
	b.door = newDoor(b.guard)
	if b.cfg.Advertise == "" {
		return b.door, nil
	}
	return advertised{b.door, advertisedAddr(b.cfg.Advertise)}, nil
}

// advertised is a listener that names another address to clients.
type advertised struct {
	net.Listener
	addr advertisedAddr
}

func (a advertised) Addr() net.Addr { return a.addr }

type advertisedAddr string

func (advertisedAddr) Network() string  { return "tcp" }
func (a advertisedAddr) String() string { return string(a) }

// Addr is HOST:PORT for clients.
func (b *Broker) Addr() string { return b.addr }

// Cluster gives tests the faults of kfake.
func (b *Broker) Cluster() *kfake.Cluster { return b.cluster }

// Close stops serving, writes everything to disk and frees the directory. Later
// calls do nothing.
func (b *Broker) Close() error {
	b.once.Do(func() {
		b.stop()
		<-b.done // upkeep would wait for ever on a closed cluster
		b.cluster.Close()
		_ = forgetLogin(b.cfg.DataDir)
		_ = b.lock.Close() // frees the lock
		b.cfg.Log.Info("embedded broker closed", vocabulary.EventBrokerClosed.Attr(), "dir", b.cfg.DataDir)
	})
	return nil
}

type kfakeLog struct{ log *slog.Logger }

// Logf logs kfake's errors and warnings and drops its lower levels.
func (l kfakeLog) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		l.log.Error("embedded broker reported an error", vocabulary.EventBrokerInternal.Attr(), "detail", fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		l.log.Warn("embedded broker reported a problem", vocabulary.EventBrokerInternal.Attr(), "detail", fmt.Sprintf(format, args...))
	}
}
