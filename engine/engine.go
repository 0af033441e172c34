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

// AlertPublisher publishes alerts; FlushAlerts returns when all that were published
// before, and dead letters, are durable.
type AlertPublisher interface {
	PublishAlert(ctx context.Context, a *models.Alert) error
	FlushAlerts(ctx context.Context) error
}

// CheckpointStore keeps the newest state of each lane with what it stands for.
type CheckpointStore interface {
	SaveInfo(ctx context.Context, group string, lane int32, info models.CheckpointInfo, state []byte) error
	Load(ctx context.Context, group string, partition int32) (offset int64, state []byte, err error)
}

// ScorePublisher takes samples of scores for live views; it never waits. The batch
// is the caller's again when it returns.
type ScorePublisher interface{ PublishScores(b *models.ScoreBatch) }

// DeadLetters takes records that could not be read; it never waits.
type DeadLetters interface {
	PublishDeadLetter(rec models.Record, reason string)
}

// Deps are the services that an Engine needs. Only Alerts is required.
type Deps struct {
	Alerts       AlertPublisher
	Checkpoints  CheckpointStore // nil: nothing survives a restart
	NoCheckpoint error           // what Load returns (wrapped) for a partition without one
	Scores       ScorePublisher
	DeadLetters  DeadLetters
	Consume      *obs.Stage // packets and unreadable records that came in
	Score        *obs.Stage // packets scored; those of the warm-up are dropped as "warm-up"
	Alert        *obs.Stage // alert records that began or grew
	Registerer   prometheus.Registerer
	AtEnd        func(ctx context.Context) bool // whether all that is in the engine's partitions has been read
	TopicID      func() [16]byte                // id of the packets topic now; nil or zero: not known
	Log          *slog.Logger
	Now          func() time.Time // wall clock, for how often to publish and save; time.Now
}

// Engine is the worker of a consumer group: it handles the records of the partitions
// that the bus assigns to it, all partitions of a lane at once. Assigned, Records and
// Revoked of one partition are called one at a time; partitions in parallel.
type Engine struct {
	cfg     Config
	deps    Deps
	metrics *metrics
	mu      sync.RWMutex
	workers map[int32]*worker // by lane
	owned   map[int32]int     // lane to how many of its partitions are assigned
}

// New makes an Engine; it does nothing before it is assigned a partition.
func New(cfg Config, deps Deps) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Alerts == nil {
		return nil, errors.New("engine: no publisher of alerts was given")
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

// Run does what is due by the wall clock while no records come: it publishes the last
// growth of alerts and score samples, and saves checkpoints. It blocks until ctx ends,
// and fails where alerts or checkpoints cannot be written.
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

// Assigned makes the partition's lane, from its checkpoint where there is one, and
// returns the offset to read from, -1 where the engine does not mind.
func (e *Engine) Assigned(ctx context.Context, topic string, partition int32) (start int64, err error) {
	id := e.cfg.LaneOf(partition)
	w := e.worker(partition)
	if w == nil || w.isClosed() { // a lane that comes back at once is loaded anew
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

// topicID is the id of the packets topic that there is now, zero where it is not known.
func (e *Engine) topicID() [16]byte {
	if e.deps.TopicID == nil {
		return [16]byte{}
	}
	return e.deps.TopicID()
}

// worker is the one of the partition's lane, nil where there is none.
func (e *Engine) worker(partition int32) *worker {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.workers[e.cfg.LaneOf(partition)]
}

// Records scores the packets of records in the order of their offsets. safe is the
// offset up to which everything is durable, -1 where there is none.
func (e *Engine) Records(ctx context.Context, topic string, partition int32, recs []models.Record) (safe int64, err error) {
	w := e.worker(partition)
	if w == nil {
		return -1, fmt.Errorf("engine: records of %s/%d came before the partition was assigned", topic, partition)
	}
	return w.records(ctx, partition, recs)
}

// Passed lets the lane of a partition go on behind offsets that carry no record. It may
// be called while Records is.
func (e *Engine) Passed(_ string, partition int32, from, next int64) {
	if w := e.worker(partition); w != nil {
		w.passed(partition, from, next)
	}
}

// Revoked saves the state of the partition's lane and lets go of it.
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
	if idle { // standing by, it need not keep the memory of the models that it had
		defer debug.FreeOSMemory()
	}
	if err := w.close(ctx); err != nil {
		return -1, err
	}
	return w.safe(partition), nil
}

// Statuses is the state of each assigned lane, by number.
func (e *Engine) Statuses() []models.PartitionStatus {
	list := e.list()
	out := make([]models.PartitionStatus, len(list))
	for i, w := range list {
		out[i] = *w.status.Load()
	}
	return out
}

// list is the workers by lane.
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
