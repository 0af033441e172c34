package bus

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// worker hands the records of one partition to the handler, on its own goroutine.
type worker struct {
	g         *Group
	topic     string
	partition int32
	compacted bool // offsets have holes, which are no loss

	mu     sync.Mutex
	queue  [][]*kgo.Record
	bytes  int
	paused bool

	wake chan struct{} // has one element when the queue got something
	quit chan struct{}
	done chan struct{}

	next      atomic.Int64 // offset to be handled next, -1 = not known
	end       atomic.Int64 // end of the log as last seen
	safe      atomic.Int64
	committed atomic.Int64
	out       []models.Record
	consumed  prometheus.Counter
	lost      prometheus.Counter
}

func newWorker(g *Group, topic string, partition int32, start int64) *worker {
	w := &worker{
		g: g, topic: topic, partition: partition, compacted: topic == g.c.cfg.Topics.Checkpoints,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
		out:      make([]models.Record, 0, g.cfg.BatchRecords),
		consumed: g.c.metrics.consumed.WithLabelValues(topic, g.cfg.Group),
		lost:     g.c.metrics.lost.WithLabelValues(topic, g.cfg.Group),
	}
	w.begin(max(start, -1))
	w.end.Store(-1)
	return w
}

// begin sets where the partition is read from; what lies before is safe.
func (w *worker) begin(at int64) {
	w.next.Store(at)
	w.safe.Store(at)
	w.committed.Store(at)
}

func (w *worker) raiseSafe(safe int64) {
	if safe > w.safe.Load() {
		w.safe.Store(safe)
	}
}

// push queues what was fetched. The queue may exceed its bound by one fetch.
func (w *worker) push(recs []*kgo.Record, end int64) {
	w.end.Store(end)
	if len(recs) == 0 {
		return
	}
	n := 0
	for _, r := range recs {
		n += len(r.Key) + len(r.Value) + 64
	}
	w.mu.Lock()
	w.queue = append(w.queue, recs)
	w.bytes += n
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *worker) full() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bytes >= w.g.cfg.QueueBytes
}

func (w *worker) isPaused() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.paused
}

func (w *worker) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.paused && w.bytes >= w.g.cfg.QueueBytes {
		w.paused = true
		w.g.cl.PauseFetchPartitions(map[string][]int32{w.topic: {w.partition}})
	}
}

// release takes handled records off the account and goes on fetching when half of
// the queue is free.
func (w *worker) release(recs []*kgo.Record) {
	n := 0
	for _, r := range recs {
		n += len(r.Key) + len(r.Value) + 64
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.bytes
	w.bytes -= n
	if w.paused && w.bytes <= w.g.cfg.QueueBytes/2 {
		w.paused = false
		w.g.cl.ResumeFetchPartitions(map[string][]int32{w.topic: {w.partition}})
	}
	if limit := w.g.cfg.QueueBytes; before >= limit && w.bytes < limit {
		select {
		case w.g.room <- struct{}{}:
		default:
		}
	}
}

func (w *worker) take() []*kgo.Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return nil
	}
	recs := w.queue[0]
	w.queue = slices.Delete(w.queue, 0, 1)
	return recs
}

// stop ends the worker after the call under way; what is queued stays unread. The
// partition is fetched again, if it comes back.
func (w *worker) stop() {
	close(w.quit)
	<-w.done
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.paused {
		w.g.cl.ResumeFetchPartitions(map[string][]int32{w.topic: {w.partition}})
	}
	select { // the poll may be waiting for this queue
	case w.g.room <- struct{}{}:
	default:
	}
}

func (w *worker) run() {
	defer close(w.done)
	idle := time.NewTicker(w.g.cfg.IdleInterval)
	defer idle.Stop()
	for {
		select {
		case <-w.quit:
			return
		default:
		}
		if recs := w.take(); recs != nil {
			if !w.handle(recs) {
				return
			}
			idle.Reset(w.g.cfg.IdleInterval)
			continue
		}
		select {
		case <-w.quit:
			return
		case <-w.wake:
		case <-idle.C:
			if w.safe.Load() < w.next.Load() && !w.call(nil) {
				return
			}
		}
	}
}

// handle passes on one fetch in calls of at most BatchRecords.
func (w *worker) handle(recs []*kgo.Record) bool {
	defer w.release(recs)
	for len(recs) > 0 {
		n := min(len(recs), w.g.cfg.BatchRecords)
		w.out = w.out[:0]
		next := w.next.Load()
		for _, r := range recs[:n] {
			if isOversized(r) {
				next = max(next, r.Offset)
			}
			if !w.expect(r.Offset, &next) {
				continue
			}
			w.out = append(w.out, recordOf(r))
		}
		recs = recs[n:]
		if len(w.out) > 0 && !w.call(w.out) {
			return false
		}
		w.next.Store(next)
		w.g.progress()
		select {
		case <-w.quit:
			return false
		default:
		}
	}
	return true
}

// expect compares a record's offset with the next one and counts what is missing.
// False is a record that was handed over before.
func (w *worker) expect(offset int64, next *int64) bool {
	switch {
	case *next < 0 || offset == *next:
	case offset > *next:
		if !w.compacted {
			w.lost.Add(float64(offset - *next))
			w.g.log.Error("records were removed by retention before they were read", "topic", w.topic, "partition", w.partition, "from", *next, "records", offset-*next)
		}
	case w.end.Load() >= *next: // fetched twice
		return false
	default: // the topic was made anew, or its end was lost with the broker's disk
		w.g.c.metrics.rewound.Inc()
		w.g.log.Error("the log is shorter than what was read of it; going on with what is there", "topic", w.topic, "partition", w.partition, "read", *next, "found", offset)
		w.safe.Store(offset)
		w.committed.Store(offset)
	}
	*next = offset + 1
	return true
}

// call hands records to the handler, again and again where it wants them later.
func (w *worker) call(recs []models.Record) bool {
	safe, err := w.g.h.Records(w.g.hctx, w.topic, w.partition, recs)
	for isLater(err) {
		w.raiseSafe(safe)
		select {
		case <-w.quit:
			return false
		case <-time.After(laterIs):
		}
		safe, err = w.g.h.Records(w.g.hctx, w.topic, w.partition, recs)
	}
	if err != nil {
		w.g.fail(fmt.Errorf("topic %s, partition %d, offset %d: %w", w.topic, w.partition, w.next.Load(), err))
		return false
	}
	w.consumed.Add(float64(len(recs)))
	w.raiseSafe(safe)
	return true
}

// laterIs is how much later records are handed over again.
const laterIs = 5 * time.Millisecond

func isLater(err error) bool {
	var l interface{ Later() bool }
	return errors.As(err, &l) && l.Later()
}

// recordOf is a record without what only the client needs. Nothing is copied.
func recordOf(r *kgo.Record) models.Record {
	m := models.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixNano(), Key: r.Key, Value: r.Value}
	for i := range r.Headers {
		switch h := &r.Headers[i]; h.Key {
		case models.HeaderContentType:
			m.ContentType = contentType(h.Value)
		case models.HeaderSequence:
			m.Sequence = models.ParseSequence(h.Value)
		case models.HeaderRedriven:
			m.Redriven = redriven(h.Value)
		case headerOversized:
			m.Unreadable = string(h.Value)
		}
	}
	return m
}

// contentType is the header's value, without allocating for the known ones.
func contentType(v []byte) string {
	switch string(v) {
	case models.ContentTypeJSON:
		return models.ContentTypeJSON
	case models.ContentTypePacked:
		return models.ContentTypePacked
	case models.ContentTypeTick:
		return models.ContentTypeTick
	}
	return string(v)
}
