package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// worker runs a lane whose partitions are assigned to this engine. mu serializes the
// goroutines of its partitions and of Run.
type worker struct {
	e      *Engine
	id     int32
	status atomic.Pointer[models.PartitionStatus]

	mu          sync.Mutex
	ctx         context.Context // of the current call, for emit
	lane        *Lane
	err         error // error of emit in the current call
	samples     sampler
	reported    models.PartitionStatus // status that the stages have counted
	counted     laneCounts             // counts that the stages have counted
	closed      bool
	lastRecords time.Time // wall clock at the last records

	saved   map[int32]int64 // offsets of the last durable checkpoint, by partition
	saving  *saving         // checkpoint that is being written, or nil
	state   []byte          // buffer of the snapshot; used by saving while that is not nil
	since   int             // records since the last snapshot
	takenAt time.Time       // wall clock at the last snapshot

	stalledOn uint64    // packets processed when a partition started to wait
	stalledAt time.Time // wall clock at which that number was first seen
}

func newWorker(e *Engine, id int32) (*worker, error) {
	now := e.deps.Now()
	w := &worker{e: e, id: id, takenAt: now, lastRecords: now}
	w.samples = newSampler(id, e.cfg, now)
	var err error
	if w.lane, err = NewLane(e.cfg, id, w.emit); err != nil {
		return nil, err
	}
	w.lane.scored = w.scored
	w.saved = w.lane.Offsets()
	return w, nil
}

// load restores the newest checkpoint. If it is rejected, the lane is untrained and continues
// at its offsets.
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
		d.Log.Warn("checkpoint rejected; starting with an untrained model", vocabulary.EventCheckpointRejected.Attr(), "lane", w.id, "offset", offset, "error", err)
	}
	w.saved = w.lane.Offsets()
	w.reported, w.counted = w.lane.Status(), w.lane.counts
	return nil
}

// start returns the offset to read a partition from, -1 if the lane has none. topic is the id
// of the current packets topic.
func (w *worker) start(partition int32, topic [16]byte) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lane.Begin(partition, topic) {
		w.e.deps.Log.Error("packets topic was recreated; its unread records are lost, the model is kept",
			vocabulary.EventPacketsTopicRecreated.Attr(), "lane", w.id)
		w.saved = w.lane.Offsets()
		w.since++ // a checkpoint is due: the offsets of the last one are of the deleted topic
	}
	return w.lane.Offset(partition)
}

// records processes a batch of records of one partition: score, publish, account, save.
func (w *worker) records(ctx context.Context, partition int32, recs []models.Record) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed { // another partition of the lane was revoked; these records are read again
		return w.durableOffset(partition), nil
	}
	if len(recs) > 0 && w.mustWait(partition) {
		return w.durableOffset(partition), retryLater{}
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
		w.lastRecords = now
	}
	w.account()
	if w.err != nil {
		return -1, w.err
	}
	w.samples.publish(w.e.deps.Scores, now)
	if err := w.saveIfDue(ctx, now); err != nil {
		return -1, err
	}
	return w.durableOffset(partition), nil
}

func (w *worker) begin(ctx context.Context) { w.ctx, w.err = ctx, nil }

// record processes one record. A record that cannot be read becomes a dead letter.
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
		w.e.deps.Alert.Drop(vocabulary.DropNotPublished, 1) // the next engine of the lane publishes it
		w.err = fmt.Errorf("engine: alert %s of lane %d: %w", a.ID, w.id, err)
		return
	}
	w.e.deps.Alert.Out(1)
	w.e.metrics.alert(a)
}

// account adds the work since the last call to the stages and the metrics.
func (w *worker) account() {
	d, s, c := &w.e.deps, w.lane.Status(), w.lane.counts
	packets, scored, cold := s.Packets-w.reported.Packets, s.Scored-w.reported.Scored, s.Cold-w.reported.Cold
	bytes, unreadable := c.bytes-w.counted.bytes, c.unreadable-w.counted.unreadable
	d.Consume.In(c.packets-w.counted.packets+unreadable, bytes)
	d.Consume.Out(packets)
	d.Consume.Drop(vocabulary.DropUnreadable, unreadable)
	d.Consume.Drop(vocabulary.DropDuplicate, s.Duplicates-w.reported.Duplicates)
	d.Score.In(packets, bytes)
	d.Score.Out(scored)
	d.Score.Drop(vocabulary.DropWarmUp, cold)
	w.e.metrics.count(packets, unreadable, scored, s.Duplicates-w.reported.Duplicates, s.Missing-w.reported.Missing)
	w.reported, w.counted = s, c
	w.publishStatus()
}

func (w *worker) publishStatus() {
	s := w.lane.Status()
	w.status.Store(&s)
}

// retryLater is the error of Records if a partition is too far ahead of the other partitions
// of its lane: the caller passes the same records again later.
type retryLater struct{}

func (retryLater) Error() string {
	return "partition is too far ahead of the other partitions of its lane"
}

// Later marks the error as a request to retry.
func (retryLater) Later() bool { return true }

// stallAfter is how long partitions that are ahead wait for one without progress, whose broker
// is unreachable or whose producer has stopped just before a tick.
const stallAfter = time.Minute

// mustWait reports whether the partition is ahead and has waited for less than stallAfter.
// The caller holds mu.
func (w *worker) mustWait(partition int32) bool {
	if !w.lane.order.Ahead(partition) {
		return false
	}
	now, packets := w.e.deps.Now(), w.lane.pipeline.seen
	if packets != w.stalledOn || w.stalledAt.IsZero() {
		w.stalledOn, w.stalledAt = packets, now
	}
	return now.Sub(w.stalledAt) < stallAfter
}
