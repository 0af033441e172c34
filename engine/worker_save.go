package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// saving is a checkpoint that is being written. The lane continues meanwhile: a snapshot takes
// milliseconds, the brokers may take longer.
type saving struct {
	offsets map[int32]int64 // durable when the checkpoint is
	size    int
	took    time.Duration
	err     error
	cancel  context.CancelFunc
	done    chan struct{} // closed when the fields above, except cancel, may be read
}

// saveIfDue starts a checkpoint if one is due and collects the result of the previous one. It
// does not block. The caller holds mu.
func (w *worker) saveIfDue(ctx context.Context, now time.Time) error {
	if w.saving != nil {
		select {
		case <-w.saving.done:
			if err := w.finish(ctx); err != nil {
				return err
			}
		default:
			return nil // one at a time
		}
	}
	if w.since >= w.e.cfg.CheckpointRecords || w.since > 0 && now.Sub(w.takenAt) >= w.e.cfg.CheckpointEvery {
		w.save(ctx)
	}
	return nil
}

// save takes a snapshot of the lane and starts to make it durable: first the alerts, then the
// checkpoint. The writing goroutine uses only the values of ctx; finish ends it. The caller
// holds mu, and w.saving is nil.
func (w *worker) save(ctx context.Context) {
	d := &w.e.deps
	began := d.Now()
	if d.Checkpoints != nil {
		w.state = w.lane.AppendState(w.state[:0])
	}
	st := w.lane.Status()
	info := models.CheckpointInfo{Offset: st.Offset, EventTS: st.EventTS, Packets: st.Packets}
	s := &saving{offsets: w.lane.Offsets(), size: len(w.state), done: make(chan struct{})}
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	w.saving, w.since, w.takenAt = s, 0, began
	go func() {
		defer close(s.done)
		s.err = w.write(ctx, info)
		s.took = d.Now().Sub(began)
	}()
}

// write flushes alerts and writes the checkpoint. It runs concurrently with the lane and owns
// w.state until it returns.
func (w *worker) write(ctx context.Context, info models.CheckpointInfo) error {
	d := &w.e.deps
	if err := d.Alerts.FlushAlerts(ctx); err != nil { // also those after the snapshot
		return fmt.Errorf("engine: alerts of lane %d: %w", w.id, err)
	}
	if d.Checkpoints == nil {
		return nil
	}
	if err := d.Checkpoints.SaveInfo(ctx, w.e.cfg.Group, w.id, info, w.state); err != nil {
		return fmt.Errorf("engine: checkpoint of lane %d: %w", w.id, err)
	}
	return nil
}

// finish waits for the checkpoint that is being written, if any, and cancels it when ctx ends.
// The caller holds mu.
func (w *worker) finish(ctx context.Context) error {
	s := w.saving
	if s == nil {
		return nil
	}
	defer s.cancel()
	select {
	case <-s.done:
	case <-ctx.Done():
		s.cancel()
		<-s.done
	}
	w.saving = nil
	if s.err != nil {
		return s.err
	}
	w.saved = s.offsets
	w.e.metrics.checkpoint(s.size, s.took)
	return nil
}
