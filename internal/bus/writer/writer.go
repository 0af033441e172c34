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
	Client  func(opts ...kgo.Opt) (*kgo.Client, error) // makes the client, with these options besides
	// Settled hears of each record once: nil when the brokers have it, or why it was given up.
	Settled func(r *kgo.Record, err error)
	// Split makes smaller records of one that a topic does not take any more, each at most
	// so many bytes; nil where it cannot. May be nil.
	Split func(r *kgo.Record, most int) []*kgo.Record
	// Reopened is called when another client is there, before it sends anything. take empties
	// the list of what waits to be sent; the result is sent in its place. It may lock out
	// who hands over records before it calls take. May be nil.
	Reopened func(take func() []*kgo.Record) []*kgo.Record
	Queued   int // bytes that may wait while a topic is away, before Produce does
	Log      *slog.Logger
}

// Writer is a client that writes. Make it with New.
type Writer struct {
	cfg    Config
	cl     atomic.Pointer[kgo.Client]
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup
	wanted chan struct{} // has one element when there is something to mend

	mending atomic.Bool
	mu      sync.Mutex
	caps    map[string]int // by topic: largest batch, where it is not what the watcher says
	used    map[string]int // by topic: largest batch that the client makes
	again   []*kgo.Record  // to be sent once the topics are there, in order
	queued  int            // their bytes
	tries   map[*kgo.Record]int
	renew   map[string]bool // topics for which another client is needed
	room    chan struct{}   // closed and made anew when records leave the queue
}

// New makes a Writer that works until Close.
func New(cfg Config) (*Writer, error) {
	w := &Writer{cfg: cfg, wanted: make(chan struct{}, 1), caps: map[string]int{}, used: map[string]int{}, tries: map[*kgo.Record]int{}, renew: map[string]bool{}, room: make(chan struct{})}
	if err := w.open(); err != nil {
		return nil, err
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	unsubscribe := cfg.Watcher.Subscribe(w.changed)
	w.work.Go(func() {
		defer unsubscribe()
		w.mendOnDemand()
	})
	return w, nil
}

// open makes the client. Another one is made for each change that a client does not take:
// franz-go would begin a topic that it was told to forget with the sequence number 0 of the
// same producer, and brokers take that for what they have already.
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

// Client is the client that writes just now, for what is not writing.
func (w *Writer) Client() *kgo.Client { return w.cl.Load() }

// Close ends the Writer; what it still has is given to Config.Settled as given up.
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

// Produce hands over a record; it waits while there is no room. Where ctx ends first the
// record is settled with its error.
func (w *Writer) Produce(ctx context.Context, r *kgo.Record) {
	if w.mending.Load() && w.queue(ctx, r) {
		return
	}
	w.Client().Produce(ctx, r, w.settled)
}

// TryProduce sends a record that may be lost: it never waits, and promise hears of it.
func (w *Writer) TryProduce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error)) {
	w.Client().TryProduce(ctx, r, func(r *kgo.Record, err error) {
		if errors.Is(err, kgo.ErrClientClosed) && w.ctx.Err() == nil {
			err = errReplaced
		} else if curable(err) {
			w.want(r.Topic)
		}
		promise(r, err)
	})
}

// Flush waits until all that was handed over is settled, or ctx ends.
func (w *Writer) Flush(ctx context.Context) error {
	for {
		if err := w.Client().Flush(ctx); err != nil {
			return err
		}
		w.mu.Lock()
		busy, room := w.mending.Load() || len(w.again) > 0, w.room
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

// Busy reports whether records wait for a topic to be there again.
func (w *Writer) Busy() bool { return w.mending.Load() }

// Has reports whether records can be sent to that partition by now; where not, the client
// is told to ask the brokers.
func (w *Writer) Has(topic string, partition int32) bool {
	if leader, _, err := w.Client().PartitionLeader(topic, partition); err == nil && leader >= 0 {
		return true
	}
	w.Client().ForceMetadataRefresh()
	return false
}

// Curable reports whether a record that was given up with err can be sent once the topic
// is there again, or in a smaller batch.
func Curable(err error) bool { return curable(err) }

// errReplaced is for a record that another client was not yet there for.
var errReplaced = errors.New("the client is being replaced")

func curable(err error) bool {
	return errors.Is(err, errReplaced) || errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.MessageTooLarge)
}

// over is an error after which the record is not to be sent.
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

// maxTries is how often a record may be refused as too large before it is given up: so
// often the size of a batch can be halved.
const maxTries = 12

// takeBack keeps a record to send it again; false where that is in vain.
func (w *Writer) takeBack(r *kgo.Record, err error) bool {
	if over(err) || w.ctx.Err() != nil || !curable(err) && !errors.Is(err, kgo.ErrClientClosed) && !w.mending.Load() {
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
		// A record of its own: the client may touch the one that it had.
		c := &kgo.Record{Topic: part.Topic, Key: part.Key, Value: part.Value, Headers: part.Headers, Partition: part.Partition, Context: part.Context}
		w.again, w.queued = append(w.again, c), w.queued+size(c)
		if tries > 0 {
			w.tries[c] = tries
		}
	}
	w.mending.Store(true)
	w.renew[r.Topic] = true
	w.signal()
	return true
}

// queue keeps a record behind those that wait to be sent again. False: none does any more.
func (w *Writer) queue(ctx context.Context, r *kgo.Record) bool {
	for {
		w.mu.Lock()
		if !w.mending.Load() {
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
