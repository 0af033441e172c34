package engine

import "time"

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
