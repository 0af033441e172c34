package engine

import (
	"context"
	"errors"
	"time"
)

// releaseAfter is how long a lane must have heard nothing before packets are let go that
// wait for others, and then only at the end of the log.
const releaseAfter = time.Second

// idle does what is due when no records have come for a while.
func (w *worker) idle(ctx context.Context) error {
	if w.waitsInVain(ctx) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.rest(ctx, true)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rest(ctx, false)
}

// waitsInVain tells whether packets wait for what will not come: the log is at its end,
// and has been for a while. The broker is asked without the lock.
func (w *worker) waitsInVain(ctx context.Context) bool {
	w.mu.Lock()
	heard := w.heardAt
	waits := !w.closed && w.lane.order.Held() > 0 && w.e.deps.Now().Sub(heard) >= releaseAfter
	w.mu.Unlock()
	if !waits || w.e.deps.AtEnd == nil || !w.e.deps.AtEnd(ctx) {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heardAt.Equal(heard)
}

// rest is called with the lock held.
func (w *worker) rest(ctx context.Context, release bool) error {
	now := w.e.deps.Now()
	if w.closed || now.Sub(w.heardAt) < idleTick {
		return nil // records will see to it
	}
	w.begin(ctx)
	if release {
		w.lane.Release()
		w.since++
		w.settle()
	}
	w.lane.Announce()
	w.samples.publish(w.e.deps.Scores, now)
	if w.err != nil {
		return w.err
	}
	return w.saveWhereDue(ctx, now)
}

// passed lets a partition go on behind offsets that carry no record, and has that saved
// when a checkpoint is due.
func (w *worker) passed(partition int32, from, next int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed && w.lane.Passed(partition, from, next) {
		w.since++
		w.publishStatus()
	}
}

// close says all there is to say and saves the state, once for all partitions of the
// lane: the first that goes takes the others along. Nothing of the lane is on its way
// any more when it returns.
func (w *worker) close(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	before := w.finish(ctx)
	w.begin(ctx)
	w.lane.Announce()
	if err := errors.Join(before, w.err); err != nil {
		return err
	}
	if w.since == 0 {
		return nil
	}
	w.save(ctx)
	return w.finish(ctx)
}

func (w *worker) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// safe is up to where a partition is durable.
func (w *worker) safe(partition int32) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.durable(partition)
}

// durable is safe with the lock held, -1 where nothing is.
func (w *worker) durable(partition int32) int64 {
	if at, ok := w.saved[partition]; ok {
		return at
	}
	return -1
}
