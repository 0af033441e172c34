package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// worker is a lane whose partitions are assigned to this engine. mu orders the
// goroutines of the partitions and Run's.
type worker struct {
	e      *Engine
	id     int32
	status atomic.Pointer[models.PartitionStatus]

	mu      sync.Mutex
	ctx     context.Context // of the call at hand, for emit
	lane    *Lane
	err     error // of emit, in the call at hand
	samples sampler
	told    models.PartitionStatus // of what the ledger knows
	counted laneCounts             // the same
	closed  bool
	heardAt time.Time // of the last records

	saved   map[int32]int64 // offsets of the last checkpoint that is durable, by partition
	saving  *saving         // the next one, on its way; nil: there is none
	state   []byte          // of the last one; saving's while there is one
	since   int             // records that came after its state was taken
	takenAt time.Time

	stalledOn uint64    // packets taken in when a partition had to wait
	stalledAt time.Time // since when there have been no more
}

func newWorker(e *Engine, id int32) (*worker, error) {
	now := e.deps.Now()
	w := &worker{e: e, id: id, takenAt: now, heardAt: now}
	w.samples = newSampler(id, e.cfg, now)
	var err error
	if w.lane, err = NewLane(e.cfg, id, w.emit); err != nil {
		return nil, err
	}
	w.lane.scored = w.scored
	w.saved = w.lane.Offsets()
	return w, nil
}

// load restores the newest checkpoint. One that does not fit this version begins
// anew where it stood, and says so.
func (w *worker) load(ctx context.Context) error {
	d := &w.e.deps
	defer w.publishStatus()
	if d.Checkpoints == nil {
		return nil
	}
	offset, state, err := d.Checkpoints.Load(ctx, w.e.cfg.Group, w.id)
	switch {
	case err != nil && d.NoCheckpoint != nil && errors.Is(err, d.NoCheckpoint):
		return nil
	case err != nil:
		return fmt.Errorf("engine: checkpoint of lane %d: %w", w.id, err)
	}
	if err := w.lane.Restore(state); err != nil {
		d.Log.Warn("the checkpoint does not fit this engine; learning begins anew", "lane", w.id, "offset", offset, "error", err)
	}
	w.saved = w.lane.Offsets()
	w.told, w.counted = w.lane.Status(), w.lane.counts
	return nil
}

// start is where to read a partition from, -1 where the lane does not mind. topic is the
// id of the topic that there is now.
func (w *worker) start(partition int32, topic [16]byte) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lane.Begin(partition, topic) {
		w.e.deps.Log.Error("the packets topic was deleted and made anew; what was not read of it is gone, the model is kept",
			"code", "topic_recreated", "lane", w.id)
		w.saved = w.lane.Offsets()
		w.since++ // a checkpoint is due: the one that there is stands in a log that is gone
	}
	return w.lane.Offset(partition)
}

// records is the way of a batch of records of one partition through the engine.
func (w *worker) records(ctx context.Context, partition int32, recs []models.Record) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed { // another partition of the lane has gone already; these are read again
		return w.durable(partition), nil
	}
	if len(recs) > 0 && w.mustWait(partition) {
		return w.durable(partition), later{}
	}
	w.begin(ctx)
	for i := range recs {
		w.record(&recs[i])
		if w.err != nil {
			break
		}
	}
	w.since += len(recs)
	now := w.e.deps.Now()
	if len(recs) > 0 {
		w.heardAt = now
	}
	w.settle()
	if w.err != nil {
		return -1, w.err
	}
	w.samples.publish(w.e.deps.Scores, now)
	if err := w.saveWhereDue(ctx, now); err != nil {
		return -1, err
	}
	return w.durable(partition), nil
}

func (w *worker) begin(ctx context.Context) { w.ctx, w.err = ctx, nil }

// record takes one record in. What cannot be read is put aside.
func (w *worker) record(r *models.Record) {
	if err := w.lane.Record(r); err != nil && w.err == nil {
		if d := w.e.deps.DeadLetters; d != nil {
			d.PublishDeadLetter(*r, err.Error())
		}
	}
}

func (w *worker) scored(m *models.PacketMeta, score float64, ok bool) {
	if ok {
		w.samples.add(m.TS, score)
	}
}

func (w *worker) emit(a *models.Alert) {
	if w.err != nil {
		return
	}
	w.e.deps.Alert.In(1, 0)
	if err := w.e.deps.Alerts.PublishAlert(w.ctx, a); err != nil {
		w.e.deps.Alert.Drop("not published", 1) // whoever has the lane next will
		w.err = fmt.Errorf("engine: alert %s of lane %d: %w", a.ID, w.id, err)
		return
	}
	w.e.deps.Alert.Out(1)
	w.e.metrics.alert(a)
}

// settle brings what has been done since the last call into the ledger and the metrics.
func (w *worker) settle() {
	d, s, c := &w.e.deps, w.lane.Status(), w.lane.counts
	packets, scored, cold := s.Packets-w.told.Packets, s.Scored-w.told.Scored, s.Cold-w.told.Cold
	bytes, unreadable := c.bytes-w.counted.bytes, c.unreadable-w.counted.unreadable
	d.Consume.In(c.packets-w.counted.packets+unreadable, bytes)
	d.Consume.Out(packets)
	d.Consume.Drop("unreadable", unreadable)
	d.Consume.Drop("duplicate", s.Duplicates-w.told.Duplicates)
	d.Score.In(packets, bytes)
	d.Score.Out(scored)
	d.Score.Drop("warm-up", cold)
	w.e.metrics.count(packets, unreadable, scored, s.Duplicates-w.told.Duplicates, s.Missing-w.told.Missing)
	w.told, w.counted = s, c
	w.publishStatus()
}

func (w *worker) publishStatus() {
	s := w.lane.Status()
	w.status.Store(&s)
}
