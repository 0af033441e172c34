package engine

import (
	"context"
	"errors"
	"time"
)

// releaseAfter is the time without records after which packets that wait for others may be
// released, provided that the lane is at the end of the log.
const releaseAfter = time.Second

// idle does what is due while no records arrive.
func (w *worker) idle(ctx context.Context) error {
	if w.canRelease(ctx) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.idleLocked(ctx, true)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.idleLocked(ctx, false)
}

// canRelease reports whether packets wait for others that will not arrive: the lane has been
// at the end of the log for releaseAfter. It queries the brokers without holding mu.
func (w *worker) canRelease(ctx context.Context) bool {
	w.mu.Lock()
	last := w.lastRecords
	waits := !w.closed && w.lane.order.Held() > 0 && w.e.deps.Now().Sub(last) >= releaseAfter
	w.mu.Unlock()
	if !waits || w.e.deps.AtEnd == nil || !w.e.deps.AtEnd(ctx) {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lastRecords.Equal(last)
}

// idleLocked is idle with mu held; release releases the packets that wait.
func (w *worker) idleLocked(ctx context.Context, release bool) error {
	now := w.e.deps.Now()
	if w.closed || now.Sub(w.lastRecords) < idleTick {
		return nil // records arrive again
	}
	w.begin(ctx)
	if release {
		w.lane.Release()
		w.since++
		w.account()
	}
	w.lane.Announce()
	w.samples.publish(w.e.deps.Scores, now)
	if w.err != nil {
		return w.err
	}
	return w.saveIfDue(ctx, now)
}

// passed advances a partition past offsets without records.
func (w *worker) passed(partition int32, from, next int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed && w.lane.Passed(partition, from, next) {
		w.since++
		w.publishStatus()
	}
}

// close publishes grown alerts and saves a checkpoint. The first revoked partition of the lane
// closes it for all. When close returns, nothing of the lane is in flight.
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

// safeOffset returns the offset below which a partition is durable, -1 if there is no such offset.
func (w *worker) safeOffset(partition int32) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.durableOffset(partition)
}

// durableOffset is safeOffset with mu held.
func (w *worker) durableOffset(partition int32) int64 {
	if at, ok := w.saved[partition]; ok {
		return at
	}
	return -1
}
