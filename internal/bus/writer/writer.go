package writer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/cluster"
)

// Config of a Writer.
type Config struct {
	Watcher *cluster.Watcher
	Client  func(opts ...kgo.Opt) (*kgo.Client, error) // creates the client, with additional options
	// Settled is called once for each record, with nil when it is acknowledged, or its error.
	Settled func(r *kgo.Record, err error)
	// Split divides a record that is larger than its topic accepts into records of at most
	// most bytes; it returns nil if it cannot. May be nil.
	Split func(r *kgo.Record, most int) []*kgo.Record
	// Reopened is called when the client was replaced, before it sends anything. take returns
	// and empties the queue; the result is sent instead. Reopened may block callers of
	// Produce before it calls take. May be nil.
	Reopened func(take func() []*kgo.Record) []*kgo.Record
	Queued   int // bytes to queue while a topic is missing, before Produce waits
	Log      *slog.Logger
}

// Writer is a producer client that survives changes of topics. Make it with New.
type Writer struct {
	cfg    Config
	cl     atomic.Pointer[kgo.Client]
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup
	wanted chan struct{} // receives an element when the client must be replaced

	replacing atomic.Bool
	mu        sync.Mutex
	caps      map[string]int // by topic: largest batch, if smaller than the watcher reports
	used      map[string]int // by topic: largest batch of the current client
	again     []*kgo.Record  // queue of records to send with the next client, in order
	queued    int            // size of again in bytes
	tries     map[*kgo.Record]int
	renew     map[string]bool // topics for which the client must be replaced
	room      chan struct{}   // closed and replaced when records leave the queue
}

// New returns a Writer that runs until Close.
func New(cfg Config) (*Writer, error) {
	w := &Writer{cfg: cfg, wanted: make(chan struct{}, 1), caps: map[string]int{}, used: map[string]int{}, tries: map[*kgo.Record]int{}, renew: map[string]bool{}, room: make(chan struct{})}
	if err := w.open(); err != nil {
		return nil, err
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	unsubscribe := cfg.Watcher.Subscribe(w.changed)
	w.work.Go(func() {
		defer unsubscribe()
		w.replaceLoop()
	})
	return w, nil
}

// open creates the client. Each change that a client does not handle needs a new one: after
// purging a topic franz-go would restart at sequence number 0 of the same producer, which
// brokers treat as duplicates.
func (w *Writer) open() error {
	w.mu.Lock()
	clear(w.used)
	w.mu.Unlock()
	cl, err := w.cfg.Client(kgo.ProducerBatchMaxBytesFn(w.batch), kgo.UnknownTopicRetries(4))
	if err == nil {
		w.cl.Store(cl)
	}
	return err
}

// Client returns the current client, for requests other than producing.
func (w *Writer) Client() *kgo.Client { return w.cl.Load() }

// Close stops the Writer; queued records are settled with kgo.ErrClientClosed.
func (w *Writer) Close() {
	w.stop()
	w.work.Wait()
	w.Client().Close()
	w.mu.Lock()
	left := w.again
	w.again, w.queued = nil, 0
	w.mu.Unlock()
	for _, r := range left {
		w.cfg.Settled(r, kgo.ErrClientClosed)
	}
}

// Produce sends a record; it waits while the buffer is full. If ctx ends first, the record is
// settled with the error of ctx.
func (w *Writer) Produce(ctx context.Context, r *kgo.Record) {
	if w.replacing.Load() && w.queue(ctx, r) {
		return
	}
	w.Client().Produce(ctx, r, w.settled)
}

// TryProduce sends a record without waiting or retries, and calls promise with its result.
func (w *Writer) TryProduce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
	w.Client().TryProduce(ctx, r, func(r *kgo.Record, err error) {
		if errors.Is(err, kgo.ErrClientClosed) && w.ctx.Err() == nil {
			err = errReplaced
		} else if curable(err) {
			w.requestReplace(r.Topic)
		}
		promise(r, err)
	})
}

// Flush waits until all records of Produce are settled, or ctx ends.
func (w *Writer) Flush(ctx context.Context) error {
	for {
		if err := w.Client().Flush(ctx); err != nil {
			return err
		}
		w.mu.Lock()
		busy, room := w.replacing.Load() || len(w.again) > 0, w.room
		w.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Busy reports whether records are queued until the client is replaced.
func (w *Writer) Busy() bool { return w.replacing.Load() }

// Has reports whether the client has metadata of a partition; if not, it refreshes its
// metadata.
func (w *Writer) Has(topic string, partition int32) bool {
	if leader, _, err := w.Client().PartitionLeader(topic, partition); err == nil && leader >= 0 {
		return true
	}
	w.Client().ForceMetadataRefresh()
	return false
}

// Curable reports whether a record that failed with err can be sent once the topic exists
// again, or in a smaller batch.
func Curable(err error) bool { return curable(err) }

// errReplaced is the error of TryProduce while the client is being replaced.
var errReplaced = errors.New("writer: client is being replaced")

func curable(err error) bool {
	return errors.Is(err, errReplaced) || errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.MessageTooLarge)
}

// over reports whether err means that the caller has canceled the record.
func over(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// settled is the promise of each record.
func (w *Writer) settled(r *kgo.Record, err error) {
	if err != nil && w.takeBack(r, err) {
		return
	}
	w.forget(r)
	w.cfg.Settled(r, err)
}

func (w *Writer) forget(r *kgo.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.tries) > 0 {
		delete(w.tries, r)
	}
}

// maxTries limits how often a record is retried as too large; the size of a batch can be
// halved so often.
const maxTries = 12

// takeBack queues a failed record to send it again; false if retrying cannot help.
func (w *Writer) takeBack(r *kgo.Record, err error) bool {
	if over(err) || w.ctx.Err() != nil || !curable(err) && !errors.Is(err, kgo.ErrClientClosed) && !w.replacing.Load() {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	tries := w.tries[r]
	delete(w.tries, r)
	parts := []*kgo.Record{r}
	if errors.Is(err, kerr.MessageTooLarge) {
		if tries++; tries > maxTries {
			return false
		}
		if parts = w.smaller(r); parts == nil {
			return false
		}
	}
	for _, part := range parts {
		// A copy, because the client may access the original.
		c := &kgo.Record{Topic: part.Topic, Key: part.Key, Value: part.Value, Headers: part.Headers, Partition: part.Partition, Context: part.Context}
		w.again, w.queued = append(w.again, c), w.queued+size(c)
		if tries > 0 {
			w.tries[c] = tries
		}
	}
	w.replacing.Store(true)
	w.renew[r.Topic] = true
	w.signal()
	return true
}

// queue appends a record to the queue; false if there is no queue any more.
func (w *Writer) queue(ctx context.Context, r *kgo.Record) bool {
	for {
		w.mu.Lock()
		if !w.replacing.Load() {
			w.mu.Unlock()
			return false
		}
		if w.queued < w.cfg.Queued || w.cfg.Queued == 0 {
			if r.Context == nil {
				r.Context = ctx
			}
			w.again, w.queued = append(w.again, r), w.queued+size(r)
			w.mu.Unlock()
			return true
		}
		room := w.room
		w.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			w.cfg.Settled(r, ctx.Err())
			return true
		case <-w.ctx.Done():
			return false
		}
	}
}

func size(r *kgo.Record) int {
	n := len(r.Key) + len(r.Value) + 32
	for i := range r.Headers {
		n += len(r.Headers[i].Key) + len(r.Headers[i].Value) + 8
	}
	return n
}
