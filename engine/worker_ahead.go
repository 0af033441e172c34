package engine

import "time"

// later is what Records returns where a partition is too far ahead of the others of its
// lane: the same records are to be handed over again a little later.
type later struct{}

func (later) Error() string { return "this partition is too far ahead of the others of its lane" }

// Later tells the bus that nothing is wrong.
func (later) Later() bool { return true }

// stallAfter is how long partitions that are ahead wait for one that does not come on,
// before they go on without it: its broker would have been away for so long, or its
// producer has died just before a tick.
const stallAfter = time.Minute

// mustWait tells whether the partition is ahead, and has not been so for too long. The
// caller holds mu.
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
