package consumer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/bus/record"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Handler processes the partitions of a group. The ctx of its calls outlives the one of Run
// by GroupConfig.StopTimeout, so that it can make its results durable at the end. An error
// ends Run.
type Handler interface {
	// Assigned is called before the first record. start ≥ 0 is the offset to read from; -1
	// means the committed offset, or GroupConfig.FromBeginning if there is none.
	Assigned(ctx context.Context, topic string, partition int32) (start int64, err error)

	// Records processes records in offset order, one call at a time for each partition,
	// partitions in parallel. The records are valid until it returns. All offsets below
	// safe are durable, so the group may commit it; -1 means no change. While some offset
	// is not safe and no records arrive, Records is called without records every
	// GroupConfig.IdleInterval, as an opportunity to make results durable. After an error
	// with a method Later() bool that returns true, the same records are passed again.
	Records(ctx context.Context, topic string, partition int32, recs []models.Record) (safe int64, err error)

	// Revoked is the last call before the partition moves to another member, or Run ends.
	// If it has moved already (the session was lost), ctx is canceled and safe is
	// ignored: the new owner started at the last committed offset.
	Revoked(ctx context.Context, topic string, partition int32) (safe int64, err error)
}

// Passer is a Handler that keeps its own positions and advances them over offsets without a
// record at the end of a log. Its Records reports when they are safe; for any other
// Handler they are safe when the records before them are.
type Passer interface {
	// Passed reports that the offsets from up to next (exclusive) carry no record. It may
	// be called concurrently with Records, after records that follow next, and after
	// Revoked.
	Passed(topic string, partition int32, from, next int64)
}

// GroupConfig configures a Group. Zero values of the last six fields mean their defaults.
type GroupConfig struct {
	Group         string
	Topics        []string
	FromBeginning bool   // without a committed offset start at the oldest record, else at the end
	Lanes         int32  // > 0: partitions with the same number modulo Lanes go to one member
	InstanceID    string // static membership: a restart within the session timeout keeps the partitions; "": that of the Client

	BatchRecords   int           // maximum of one call; 1024
	QueueBytes     int           // fetched and not yet handled, per partition; 4 MiB
	CommitInterval time.Duration // 500 ms
	IdleInterval   time.Duration // 1 s
	StopTimeout    time.Duration // for handlers to finish; 30 s
	SessionTimeout time.Duration // a member silent for so long loses its partitions; that of the Client
}

func (c *GroupConfig) setDefaults() {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if c.BatchRecords <= 0 {
		c.BatchRecords = 1024
	}
	if c.QueueBytes <= 0 {
		c.QueueBytes = 4 << 20
	}
	def(&c.CommitInterval, 500*time.Millisecond)
	def(&c.IdleInterval, time.Second)
	def(&c.StopTimeout, 30*time.Second)
	def(&c.SessionTimeout, 6*time.Second)
}

// Group is one member of a consumer group.
type Group struct {
	c      *client.Client
	cfg    GroupConfig
	h      Handler
	remove func() // unregisters it as a PositionSource
	log    *slog.Logger
	cl     *kgo.Client

	mu       sync.Mutex
	workers  map[extent.Key]*worker
	ends     map[extent.Key]int64 // end offsets as last listed
	assigned bool                 // there was an assignment, possibly empty
	moved    chan struct{}        // closed and replaced when a worker moves

	commits sync.Mutex // held by one commit at a time, so that none overtakes a later one
	room    chan struct{}
	fail    context.CancelCauseFunc
	hctx    context.Context // ctx of the handler's calls
}

// NewGroup returns a member that joins the group in Run.
func NewGroup(c *client.Client, cfg GroupConfig, h Handler) *Group {
	if cfg.InstanceID == "" {
		cfg.InstanceID = c.Config().InstanceID
	}
	if cfg.SessionTimeout <= 0 {
		cfg.SessionTimeout = c.Config().SessionTimeout
	}
	cfg.setDefaults()
	g := &Group{c: c, cfg: cfg, h: h, log: c.Log().With("group", cfg.Group), workers: map[extent.Key]*worker{},
		ends: map[extent.Key]int64{}, moved: make(chan struct{}), room: make(chan struct{}, 1)}
	g.remove = c.AddPositions(g)
	return g
}

var errStopped = errors.New("stopped")

// Run joins the group and processes records until ctx ends (it returns nil then) or an error
// occurs that retries do not resolve. At the end it commits the safe offset of each
// partition and leaves the group.
func (g *Group) Run(ctx context.Context) error {
	defer g.remove()
	if len(g.cfg.Topics) == 0 || g.cfg.Group == "" {
		return errors.New("bus: consumer group needs a name and topics")
	}
	hctx, hcancel := context.WithCancel(context.WithoutCancel(ctx))
	defer hcancel()
	g.hctx = hctx
	run, fail := context.WithCancelCause(ctx)
	g.fail = fail
	defer fail(errStopped)
	cl, err := g.c.NewKgo("group-"+g.cfg.Group, g.options()...)
	if err != nil {
		return err
	}
	g.cl = cl
	var background sync.WaitGroup
	background.Go(func() { g.commitLoop(run) })
	background.Go(func() { g.endsLoop(run) })
	background.Go(func() { g.follow(run) })
	g.pollLoop(run)
	stop := time.AfterFunc(g.cfg.StopTimeout, hcancel)
	defer stop.Stop()
	background.Wait()
	cl.CloseAllowingRebalance() // leaves the group, which revokes every partition
	if cause := context.Cause(run); ctx.Err() == nil && !errors.Is(cause, errStopped) {
		return cause
	}
	return nil
}

func (g *Group) balancer() kgo.GroupBalancer {
	if g.cfg.Lanes > 0 {
		return newLaneBalancer(g.cfg.Lanes)
	}
	return kgo.CooperativeStickyBalancer()
}

func (g *Group) options() []kgo.Opt {
	start := kgo.NewOffset().AtEnd()
	if g.cfg.FromBeginning {
		start = kgo.NewOffset().AtStart()
	}
	opts := []kgo.Opt{
		kgo.ConsumerGroup(g.cfg.Group),
		kgo.ConsumeTopics(g.cfg.Topics...),
		kgo.Balancers(g.balancer()),
		kgo.BlockRebalanceOnPoll(),
		kgo.DisableAutoCommit(),
		kgo.ConsumeStartOffset(start),
		kgo.OnPartitionsAssigned(g.onAssigned),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, m map[string][]int32) { g.onRevoked(g.hctx, m, true) }),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, m map[string][]int32) { g.onLost(m) }),
		kgo.AdjustFetchOffsetsFn(g.adjust),
		kgo.SessionTimeout(g.cfg.SessionTimeout),
		kgo.HeartbeatInterval(max(g.cfg.SessionTimeout/10, 100*time.Millisecond)),
		kgo.RebalanceTimeout(g.cfg.StopTimeout + g.cfg.SessionTimeout),
		kgo.FetchMaxWait(10 * time.Millisecond), // the minimum of franz-go
		kgo.FetchMinBytes(1),
		kgo.FetchMaxBytes(8 << 20),
		kgo.FetchMaxPartitionBytes(1 << 20),
		kgo.MaxConcurrentFetches(4),
	}
	if g.cfg.InstanceID != "" {
		opts = append(opts, kgo.InstanceID(g.cfg.InstanceID))
	}
	return opts
}

// pollLoop queues fetched records for the workers. It handles no record itself, so a slow
// partition does not block the others.
func (g *Group) pollLoop(ctx context.Context) {
	for ctx.Err() == nil {
		fetches := g.cl.PollFetches(ctx)
		if fetches.IsClientClosed() {
			return
		}
		fetches.EachError(func(topic string, partition int32, err error) { g.fetchError(ctx, topic, partition, err) })
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			if w := g.worker(p.Topic, p.Partition); w != nil {
				w.push(p.Records, p.HighWatermark, p.LogStartOffset)
			}
		})
		g.cl.AllowRebalance()
		g.balanceQueues(ctx)
	}
}

// fetchError ends the group on errors that retries do not resolve. franz-go retries the
// others.
func (g *Group) fetchError(ctx context.Context, topic string, partition int32, err error) {
	var lost *kgo.ErrDataLoss
	if r := record.SkipOversized(g.cl, err); r != nil {
		g.log.Error("batch is too large; skipping it", vocabulary.EventBatchOversized.Attr(), "topic", topic, "partition", partition, "err", string(r.Headers[0].Value))
		if w := g.worker(topic, partition); w != nil {
			w.push([]*kgo.Record{r}, max(w.end.Load(), r.Offset+1), 0)
		}
		return
	}
	if refused := g.refusal(err); refused != nil {
		g.fail(refused)
		return
	}
	switch {
	case ctx.Err() != nil:
	case errors.As(err, &lost):
		g.log.Error("log was truncated: the brokers lost data", vocabulary.EventLogTruncated.Attr(), "topic", topic, "partition", partition, "err", err)
	case errors.As(err, new(*kgo.ErrGroupSession)):
		g.log.Warn("group session lost; joining again", vocabulary.EventGroupSessionLost.Attr(), "err", err)
	default:
		g.log.Warn("cannot fetch; retrying", vocabulary.EventFetchFailed.Attr(), "topic", topic, "partition", partition, "err", err)
	}
}

// balanceQueues stops fetching partitions whose queue is full. Pausing discards fetches in
// flight, so if all queues are full it waits instead.
func (g *Group) balanceQueues(ctx context.Context) {
	for {
		var full, free []*worker
		g.mu.Lock()
		for _, w := range g.workers {
			if w.full() {
				full = append(full, w)
			} else if !w.isPaused() {
				free = append(free, w)
			}
		}
		g.mu.Unlock()
		if len(full) == 0 {
			return
		}
		if len(free) > 0 {
			for _, w := range full {
				w.pause()
			}
			return
		}
		select {
		case <-g.room:
		case <-ctx.Done():
			return
		}
	}
}

func (g *Group) worker(topic string, partition int32) *worker {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.workers[extent.Key{Topic: topic, Partition: partition}]
}
