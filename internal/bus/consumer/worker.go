package consumer

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/bus/record"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// worker passes the records of one partition to the handler, on its own goroutine.
type worker struct {
	g         *Group
	topic     string
	partition int32
	id        [16]byte // of the topic, zero if unknown

	mu     sync.Mutex
	queue  []fetched
	bytes  int
	paused bool
	busy   bool     // handling records taken from the queue
	passed struct { // the last offsets without a record that were passed while idle, unless the handler is a Passer
		from, to int64
	}

	wake chan struct{} // receives an element when records are queued
	quit chan struct{}
	done chan struct{}

	next      atomic.Int64 // next offset to be handled, -1: unknown
	end       atomic.Int64 // end offset as of the last fetch
	safe      atomic.Int64
	committed atomic.Int64
	out       []models.Record
	consumed  prometheus.Counter
	lost      prometheus.Counter
}

// fetched are the records of one fetch; start is the start offset of the log then.
type fetched struct {
	recs  []*kgo.Record
	start int64
}

func newWorker(g *Group, topic string, partition int32, start int64) *worker {
	w := &worker{
		g: g, topic: topic, partition: partition, id: g.c.Watcher().Topic(topic).ID,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
		out:      make([]models.Record, 0, g.cfg.BatchRecords),
		consumed: g.c.Metrics().Consumed.WithLabelValues(topic, g.cfg.Group),
		lost:     g.c.Metrics().Lost.WithLabelValues(topic, g.cfg.Group),
	}
	w.begin(max(start, -1))
	w.end.Store(-1)
	return w
}

// begin sets the first offset to read; earlier ones are safe.
func (w *worker) begin(at int64) {
	w.next.Store(at)
	w.safe.Store(at)
	w.committed.Store(at)
}

// raiseSafe takes the safe offset of the handler. Offsets without a record that follow it
// are safe too.
func (w *worker) raiseSafe(safe int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.passed.from <= safe && safe < w.passed.to {
		safe = w.passed.to
	}
	if safe > w.safe.Load() {
		w.safe.Store(safe)
	}
}

// resting returns the position of an idle worker; false if it is not idle.
func (w *worker) resting() (at int64, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at = w.next.Load()
	return at, at >= 0 && !w.busy && len(w.queue) == 0
}

// pass advances a worker that is idle at an offset to a.Next, unless it has moved. It may be
// called from any goroutine: records that arrive meanwhile follow a.Next.
func (w *worker) pass(at int64, a extent.Answer) {
	removed := extent.StepTo(at, a.Next, a.Start).Removed
	h, ok := w.g.h.(Passer)
	if ok && removed == 0 {
		h.Passed(w.topic, w.partition, at, a.Next) // before any record that follows
	}
	if !w.next.CompareAndSwap(at, a.Next) {
		return
	}
	if removed > 0 {
		w.removed(at, removed)
	}
	if !ok {
		w.passSafe(at, a.Next)
	}
	w.g.progress()
}

// passSafe makes passed offsets safe if those before them are.
func (w *worker) passSafe(from, to int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.passed.to == from {
		from = w.passed.from
	}
	w.passed.from, w.passed.to = from, to
	if safe := w.safe.Load(); from <= safe && safe < to {
		w.safe.Store(to)
	}
}

// push queues fetched records. The queue may exceed its limit by one fetch.
func (w *worker) push(recs []*kgo.Record, end, start int64) {
	w.end.Store(end)
	if len(recs) == 0 {
		return
	}
	n := 0
	for _, r := range recs {
		n += len(r.Key) + len(r.Value) + 64
	}
	w.mu.Lock()
	w.queue = append(w.queue, fetched{recs, start})
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

// release subtracts handled records from the size of the queue and resumes fetching when
// half of the queue is free.
func (w *worker) release(recs []*kgo.Record) {
	n := 0
	for _, r := range recs {
		n += len(r.Key) + len(r.Value) + 64
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.bytes
	w.bytes, w.busy = w.bytes-n, false
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

func (w *worker) take() (f fetched, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return f, false
	}
	f = w.queue[0]
	w.queue, w.busy = slices.Delete(w.queue, 0, 1), true
	return f, true
}

// stop ends the worker after the call in progress; queued records are dropped. If the
// partition is assigned again, they are fetched again.
func (w *worker) stop() {
	close(w.quit)
	<-w.done
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.paused {
		w.g.cl.ResumeFetchPartitions(map[string][]int32{w.topic: {w.partition}})
	}
	select { // pollLoop may wait for this queue
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
		if f, ok := w.take(); ok {
			if !w.handle(f) {
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

// handle passes the records of one fetch to the handler, at most BatchRecords in a call.
func (w *worker) handle(f fetched) bool {
	recs := f.recs
	defer w.release(recs)
	for len(recs) > 0 {
		n := min(len(recs), w.g.cfg.BatchRecords)
		w.out = w.out[:0]
		next := w.next.Load()
		for _, r := range recs[:n] {
			if record.IsOversized(r) {
				next = max(next, r.Offset)
			}
			gap, ok := w.expect(r.Offset, f.start, &next)
			if !ok {
				continue
			}
			m := record.Of(r)
			m.Gap = gap
			w.out = append(w.out, m)
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

// expect compares a record's offset with *next and advances that; start is the start offset
// of the log at the fetch. gap is the number of offsets in between that carry no record.
// It returns false for a record that was handled before.
func (w *worker) expect(offset, start int64, next *int64) (gap int64, ok bool) {
	if *next < 0 {
		*next = offset
	}
	step := extent.StepTo(*next, offset, start)
	switch {
	case !step.Back:
		if step.Removed > 0 {
			w.removed(*next, step.Removed)
		}
	case w.end.Load() >= *next: // fetched twice
		return 0, false
	default: // the topic was recreated, or the broker lost the end of the log
		w.g.c.Metrics().Rewound.Inc()
		w.g.log.Error("log was truncated; resuming at its end", vocabulary.EventLogTruncated.Attr(),
			"topic", w.topic, "partition", w.partition, "position", *next, "found", offset)
		w.rewind(offset)
	}
	*next = offset + 1
	return step.Gap, true
}

// rewind makes offset the first one that is not safe.
func (w *worker) rewind(offset int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passed.from, w.passed.to = 0, 0
	w.safe.Store(offset)
	w.committed.Store(offset)
}

// removed counts offsets that retention removed before they were read. On a compacted topic
// missing records were replaced, so they do not count.
func (w *worker) removed(from, n int64) {
	if w.g.c.CompactedOnly(w.g.hctx, w.topic) {
		return
	}
	w.lost.Add(float64(n))
	w.g.log.Error("retention removed records before they were read", vocabulary.EventRecordsRemoved.Attr(), "topic", w.topic, "partition", w.partition, "from", from, "offsets", n)
}

// call passes records to the handler, and again while it returns a Later error.
func (w *worker) call(recs []models.Record) bool {
	safe, err := w.g.h.Records(w.g.hctx, w.topic, w.partition, recs)
	for isLater(err) {
		w.raiseSafe(safe)
		select {
		case <-w.quit:
			return false
		case <-time.After(laterDelay):
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

// laterDelay is the delay before records are passed again after a Later error.
const laterDelay = 5 * time.Millisecond

func isLater(err error) bool {
	var l interface{ Later() bool }
	return errors.As(err, &l) && l.Later()
}
