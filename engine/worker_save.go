package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// saving is a checkpoint on its way to the broker. The lane goes on meanwhile: taking
// its state down is quick, a broker need not be.
type saving struct {
	offsets map[int32]int64 // that are durable when it is
	size    int
	took    time.Duration
	err     error
	cancel  context.CancelFunc
	done    chan struct{} // closed when all of the above but cancel may be read
}

// saveWhereDue begins a checkpoint where it is time for one, and notes what became of
// the one before. It waits for nothing. The caller holds mu.
func (w *worker) saveWhereDue(ctx context.Context, now time.Time) error {
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

// save takes the lane's state down and has everything up to it made durable: alerts,
// then state. ctx gives values only; finish ends it. The caller holds mu, and there is
// no saving.
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

// write is save's work beside the lane; w.state is its own until it is done.
func (w *worker) write(ctx context.Context, info models.CheckpointInfo) error {
	d := &w.e.deps
	if err := d.Alerts.FlushAlerts(ctx); err != nil { // later ones too, which does no harm
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

// finish waits for the checkpoint that is on its way, if there is one, until ctx ends:
// then it is given up. The caller holds mu.
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
