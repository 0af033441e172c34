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

// worker is one assigned partition. mu orders the records' goroutine and Run's.
type worker struct {
	e         *Engine
	partition int32
	status    atomic.Pointer[models.PartitionStatus]

	mu       sync.Mutex
	ctx      context.Context // of the call at hand, for emit
	pipeline *Pipeline
	err      error // of emit, in the call at hand
	meta     models.PacketMeta
	samples  sampler
	state    []byte
	offset   int64 // next to be read
	saved    int64 // offset of the last checkpoint
	since    int   // records since then
	savedAt  time.Time
	heardAt  time.Time // of the last records
	tally    tally
	packet   func(*models.PacketMeta) error // w.take, made once
	closed   bool
}

// tally is what one call has counted; it goes to the ledger at its end.
type tally struct{ packets, bytes, unreadable, scored, cold uint64 }

func newWorker(e *Engine, partition int32) (*worker, error) {
	now := e.deps.Now()
	w := &worker{e: e, partition: partition, savedAt: now, heardAt: now, saved: -1}
	w.samples = newSampler(partition, e.cfg, now)
	w.packet = w.take
	var err error
	w.pipeline, err = NewPipeline(e.cfg, partition, w.emit)
	w.publishStatus()
	return w, err
}

// load restores the newest checkpoint. One that does not fit this version begins
// anew where it stood, and says so.
func (w *worker) load(ctx context.Context) (int64, error) {
	d := &w.e.deps
	if d.Checkpoints == nil {
		return -1, nil
	}
	offset, state, err := d.Checkpoints.Load(ctx, w.e.cfg.Group, w.partition)
	switch {
	case err != nil && d.NoCheckpoint != nil && errors.Is(err, d.NoCheckpoint):
		return -1, nil
	case err != nil:
		return -1, fmt.Errorf("engine: checkpoint of partition %d: %w", w.partition, err)
	}
	if err := w.pipeline.Restore(state); err != nil {
		d.Log.Warn("the checkpoint does not fit this engine; learning begins anew", "partition", w.partition, "offset", offset, "error", err)
	}
	w.offset, w.saved = offset, offset
	w.publishStatus()
	return offset, nil
}

// records is the way of a batch of records through the engine.
func (w *worker) records(ctx context.Context, recs []models.Record) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(ctx)
	for i := range recs {
		w.record(&recs[i])
		if w.err != nil {
			break
		}
	}
	w.since += len(recs)
	w.heardAt = w.e.deps.Now()
	w.settle()
	if w.err != nil {
		return -1, w.err
	}
	w.samples.publish(w.e.deps.Scores, w.heardAt)
	if w.since < w.e.cfg.CheckpointRecords && w.heardAt.Sub(w.savedAt) < w.e.cfg.CheckpointEvery {
		return -1, nil
	}
	return w.checkpoint(ctx)
}

func (w *worker) begin(ctx context.Context) { w.ctx, w.err, w.tally = ctx, nil, tally{} }

// record scores what is in one record. What cannot be read is passed over.
func (w *worker) record(r *models.Record) {
	w.offset = r.Offset
	var err error
	switch r.ContentType {
	case models.ContentTypePacked:
		err = models.DecodePacked(r.Value, w.packet)
	case models.ContentTypeJSON, "":
		w.meta = models.PacketMeta{}
		if err = w.meta.ParseJSON(r.Value); err == nil {
			_ = w.take(&w.meta) // w.err keeps what could not be published; the record is good
		}
	case models.ContentTypeTick:
	default:
		err = fmt.Errorf("content type %.60q is not known", r.ContentType)
	}
	w.offset = r.Offset + 1
	if err != nil && w.err == nil {
		w.tally.unreadable++
		if d := w.e.deps.DeadLetters; d != nil {
			d.PublishDeadLetter(*r, err.Error())
		}
	}
}

// take scores one packet of the record at w.offset.
func (w *worker) take(m *models.PacketMeta) error {
	w.tally.packets++
	w.tally.bytes += uint64(m.WireLen)
	score, scored := w.pipeline.Packet(m, w.offset)
	if scored {
		w.tally.scored++
		w.samples.add(m.TS, score)
	} else {
		w.tally.cold++
	}
	return w.err
}

func (w *worker) emit(a *models.Alert) {
	if w.err != nil {
		return
	}
	w.e.deps.Alert.In(1, 0)
	if err := w.e.deps.Alerts.PublishAlert(w.ctx, a); err != nil {
		w.err = fmt.Errorf("engine: alert %s of partition %d: %w", a.ID, w.partition, err)
		return
	}
	w.e.deps.Alert.Out(1)
	w.e.metrics.alert(a)
}

// settle brings the tally into the ledger and the metrics.
func (w *worker) settle() {
	d, t := &w.e.deps, &w.tally
	d.Consume.In(t.packets+t.unreadable, t.bytes)
	d.Consume.Out(t.packets)
	d.Consume.Drop("unreadable", t.unreadable)
	d.Score.In(t.packets, t.bytes)
	d.Score.Out(t.scored)
	d.Score.Drop("warm-up", t.cold)
	w.e.metrics.count(t)
	w.publishStatus()
}

func (w *worker) publishStatus() {
	s := w.pipeline.Status()
	s.Offset = w.offset
	w.status.Store(&s)
}

// checkpoint makes everything up to w.offset durable: alerts, then state.
func (w *worker) checkpoint(ctx context.Context) (int64, error) {
	d := &w.e.deps
	began := d.Now()
	if err := d.Alerts.Flush(ctx); err != nil {
		return -1, fmt.Errorf("engine: alerts of partition %d: %w", w.partition, err)
	}
	if d.Checkpoints != nil {
		w.state = w.pipeline.AppendState(w.state[:0])
		if err := d.Checkpoints.Save(ctx, w.e.cfg.Group, w.partition, w.offset, w.state); err != nil {
			return -1, fmt.Errorf("engine: checkpoint of partition %d at offset %d: %w", w.partition, w.offset, err)
		}
	}
	w.saved, w.since, w.savedAt = w.offset, 0, d.Now()
	w.e.metrics.checkpoint(len(w.state), w.savedAt.Sub(began))
	return w.saved, nil
}

// idle does what is due when no records have come for a while.
func (w *worker) idle(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.e.deps.Now()
	if w.closed || now.Sub(w.heardAt) < idleTick {
		return nil
	}
	w.begin(ctx)
	w.pipeline.Announce()
	w.samples.publish(w.e.deps.Scores, now)
	if w.err != nil {
		return w.err
	}
	if w.since > 0 && now.Sub(w.savedAt) >= w.e.cfg.CheckpointEvery {
		_, err := w.checkpoint(ctx)
		return err
	}
	return nil
}

// close says all there is to say and saves the state.
func (w *worker) close(ctx context.Context) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.begin(ctx)
	w.pipeline.Announce()
	if w.err != nil {
		return -1, w.err
	}
	if w.since == 0 {
		return w.saved, nil
	}
	return w.checkpoint(ctx)
}
