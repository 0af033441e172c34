package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sort"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// AlertPublisher publishes alerts. FlushAlerts returns when all earlier alerts and dead
// letters are durable.
type AlertPublisher interface {
	PublishAlert(ctx context.Context, a *models.Alert) error
	FlushAlerts(ctx context.Context) error
}

// CheckpointStore stores the checkpoints of lanes. Load returns the newest one of a lane.
type CheckpointStore interface {
	SaveInfo(ctx context.Context, group string, lane int32, info models.CheckpointInfo, state []byte) error
	Load(ctx context.Context, group string, lane int32) (offset int64, state []byte, err error)
}

// ScorePublisher publishes samples of scores for live views. It does not block and does not
// keep the batch.
type ScorePublisher interface{ PublishScores(b *models.ScoreBatch) }

// DeadLetters publishes records that could not be read. It does not block.
type DeadLetters interface {
	PublishDeadLetter(rec models.Record, reason string)
}

// Deps are the dependencies of an Engine. Only Alerts is required.
type Deps struct {
	Alerts       AlertPublisher
	Checkpoints  CheckpointStore // nil: no state survives a restart
	NoCheckpoint error           // error that Load wraps if a lane has no checkpoint
	Scores       ScorePublisher
	DeadLetters  DeadLetters
	Consume      *obs.Stage // packets and unreadable records received
	Score        *obs.Stage // packets scored; those of the warm-up are dropped as DropWarmUp
	Alert        *obs.Stage // alert records published
	Registerer   prometheus.Registerer
	AtEnd        func(ctx context.Context) bool // reports whether all records of the engine's partitions have been read
	TopicID      func() [16]byte                // current id of the packets topic; nil or zero: unknown
	Log          *slog.Logger
	Now          func() time.Time // wall clock for publishing and saving; default time.Now
}

// Engine handles the records of the partitions that the consumer group assigns to it; all
// partitions of a lane are assigned to the same engine. Calls of Assigned, Records and
// Revoked for one partition must not overlap; those for different partitions may.
type Engine struct {
	cfg     Config
	deps    Deps
	metrics *metrics
	mu      sync.RWMutex
	workers map[int32]*worker // by lane
	owned   map[int32]int     // number of assigned partitions, by lane
}

// New returns an Engine without lanes. It allocates a lane when one of its partitions is
// assigned.
func New(cfg Config, deps Deps) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Alerts == nil {
		return nil, errors.New("engine: Deps.Alerts is required")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	m, err := newMetrics(deps.Registerer)
	if err != nil {
		return nil, err
	}
	return &Engine{cfg: cfg, deps: deps, metrics: m, workers: map[int32]*worker{}, owned: map[int32]int{}}, nil
}

// Run publishes grown alerts and score samples and saves checkpoints while no records arrive.
// It blocks until ctx ends; it fails if alerts or checkpoints cannot be written.
func (e *Engine) Run(ctx context.Context) error {
	tick := time.NewTicker(idleTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			for _, w := range e.list() {
				if err := w.idle(ctx); err != nil && ctx.Err() == nil {
					return err
				}
			}
		}
	}
}

const idleTick = 250 * time.Millisecond

// Assigned creates the lane of the partition, from its checkpoint if there is one, and returns
// the offset to read from, -1 if the lane has none.
func (e *Engine) Assigned(ctx context.Context, topic string, partition int32) (start int64, err error) {
	id := e.cfg.LaneOf(partition)
	w := e.worker(partition)
	if w == nil || w.isClosed() { // a lane that was revoked is loaded again
		if w, err = newWorker(e, id); err != nil {
			return -1, err
		}
		if err := w.load(ctx); err != nil {
			return -1, err
		}
	}
	e.mu.Lock()
	e.workers[id] = w
	e.owned[id]++
	e.mu.Unlock()
	return w.start(partition, e.topicID()), nil
}

// topicID returns the current id of the packets topic, zero if it is unknown.
func (e *Engine) topicID() [16]byte {
	if e.deps.TopicID == nil {
		return [16]byte{}
	}
	return e.deps.TopicID()
}

// worker returns the worker of the partition's lane, nil if the lane is not assigned.
func (e *Engine) worker(partition int32) *worker {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.workers[e.cfg.LaneOf(partition)]
}

// Records scores the packets of records, which are in the order of their offsets. safe is the
// offset below which everything is durable, -1 if there is no such offset.
func (e *Engine) Records(ctx context.Context, topic string, partition int32, recs []models.Record) (safe int64, err error) {
	w := e.worker(partition)
	if w == nil {
		return -1, fmt.Errorf("engine: records of %s/%d, which is not assigned", topic, partition)
	}
	return w.records(ctx, partition, recs)
}

// Passed advances the lane of a partition past offsets without records. It may be called
// concurrently with Records.
func (e *Engine) Passed(_ string, partition int32, from, next int64) {
	if w := e.worker(partition); w != nil {
		w.passed(partition, from, next)
	}
}

// Revoked saves a checkpoint of the partition's lane and releases the partition. safe is as in
// Records.
func (e *Engine) Revoked(ctx context.Context, topic string, partition int32) (safe int64, err error) {
	w := e.worker(partition)
	if w == nil {
		return -1, nil
	}
	id := e.cfg.LaneOf(partition)
	e.mu.Lock()
	if e.owned[id]--; e.owned[id] <= 0 {
		delete(e.owned, id)
		delete(e.workers, id)
	}
	idle := len(e.workers) == 0
	e.mu.Unlock()
	if idle { // on standby the memory of the models is not needed
		defer debug.FreeOSMemory()
	}
	if err := w.close(ctx); err != nil {
		return -1, err
	}
	return w.safeOffset(partition), nil
}

// Statuses returns the status of each assigned lane, ordered by lane.
func (e *Engine) Statuses() []models.PartitionStatus {
	list := e.list()
	out := make([]models.PartitionStatus, len(list))
	for i, w := range list {
		out[i] = *w.status.Load()
	}
	return out
}

// list returns the workers ordered by lane.
func (e *Engine) list() []*worker {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]*worker, 0, len(e.workers))
	for _, w := range e.workers {
		out = append(out, w)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out
}
