package writer

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/cluster"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Sizes of a batch in bytes: what a client makes at most, and the least that is tried.
const (
	MaxBatch   = 1000012
	leastBatch = 1 << 10
	// batchHead is what a batch has besides its records.
	batchHead = 100
)

// batch is asked by the client when it meets a partition for the first time.
func (w *Writer) batch(topic string) int32 {
	most := w.Batch(topic)
	w.mu.Lock()
	w.used[topic] = most
	w.mu.Unlock()
	return int32(most)
}

// Batch is how large a batch of a topic may be, in bytes.
func (w *Writer) Batch(topic string) int {
	most := MaxBatch
	if n := w.cfg.Watcher.Topic(topic).MaxMessageBytes; n > 0 {
		most = min(most, n)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if n, ok := w.caps[topic]; ok {
		most = min(most, n)
	}
	return max(most, leastBatch)
}

// smaller is what a record that was refused as too large becomes: itself, to be sent in a
// smaller batch, or several; nil where it can be no smaller. The caller holds mu.
func (w *Writer) smaller(r *kgo.Record) []*kgo.Record {
	most := MaxBatch
	if n := w.cfg.Watcher.Topic(r.Topic).MaxMessageBytes; n > 0 {
		most = min(most, n)
	}
	if n, ok := w.caps[r.Topic]; ok {
		most = min(most, n)
	}
	if size(r)+batchHead <= most {
		return []*kgo.Record{r}
	}
	if w.cfg.Split == nil {
		return nil
	}
	return w.cfg.Split(r, most-batchHead)
}

// changed hears what the brokers say.
func (w *Writer) changed(was, now cluster.Topic) {
	if was.MaxMessageBytes != now.MaxMessageBytes {
		w.mu.Lock()
		delete(w.caps, now.Name)
		w.mu.Unlock()
	}
	batch := w.Batch(now.Name)
	w.mu.Lock()
	used, writes := w.used[now.Name]
	w.mu.Unlock()
	if was.Recreated(now) || writes && used != batch {
		w.want(now.Name)
	}
	if now.Partitions > was.Partitions && was.Partitions > 0 {
		w.Client().ForceMetadataRefresh()
	}
}

// want has another client made, for a topic.
func (w *Writer) want(topic string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.renew[topic] = true
	w.mending.Store(true)
	w.signal()
}

// Renew has another client made, after a record of TryProduce was given up with a curable
// error.
func (w *Writer) Renew(topic string) { w.want(topic) }

func (w *Writer) signal() {
	select {
	case w.wanted <- struct{}{}:
	default:
	}
}

func (w *Writer) mendOnDemand() {
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-w.wanted:
			w.mend()
		}
	}
}

// pause is how long a topic that is away is not asked for.
const pause = 100 * time.Millisecond

// mend waits until what was handed over is settled or taken back, makes another client
// once the topics are there, and sends what was taken back and what came since.
func (w *Writer) mend() {
	if !w.mending.Load() { // it was seen to already
		return
	}
	old := w.Client()
	old.ForceMetadataRefresh() // what is in vain is to fail soon
	if err := w.cfg.Watcher.Poll(w.ctx); err != nil {
		w.cfg.Log.Debug("what the brokers say of the topics is not known", "err", err)
	}
	if old.Flush(w.ctx) != nil {
		return
	}
	w.mu.Lock()
	var topics []string
	for topic := range w.renew {
		topics = append(topics, topic)
	}
	clear(w.renew)
	w.lower()
	w.mu.Unlock()
	if !w.await(topics) {
		return
	}
	old.Close() // what somebody has given it meanwhile is taken back
	if err := w.open(); err != nil {
		w.cfg.Log.Error("cannot create a Kafka client; retrying", vocabulary.EventClientFailed.Attr(), "err", err)
		w.want("")
		return
	}
	w.send()
}

// lower halves the size of batches where some were refused that were no larger than the
// topic is said to take. The caller holds mu.
func (w *Writer) lower() {
	seen := map[string]int{}
	for _, r := range w.again {
		seen[r.Topic] = max(seen[r.Topic], w.tries[r])
	}
	for topic, tries := range seen {
		if tries < 2 {
			continue
		}
		most := MaxBatch
		if n, ok := w.caps[topic]; ok {
			most = n
		}
		w.caps[topic] = max(most/2, leastBatch)
	}
}

// await returns when the topics are there; false where the Writer ends first.
func (w *Writer) await(topics []string) bool {
	for _, topic := range topics {
		said := topic == ""
		if said {
			continue
		}
		for !w.cfg.Watcher.Topic(topic).Exists {
			if !said {
				w.cfg.Log.Error("topic does not exist; writes are buffered until it is created", vocabulary.EventTopicMissing.Attr(), "topic", topic)
				said = true
			}
			select {
			case <-w.ctx.Done():
				return false
			case <-time.After(pause):
			}
			_ = w.cfg.Watcher.Poll(w.ctx)
		}
	}
	return true
}

// send sends what waits, in order, until nothing does.
func (w *Writer) send() {
	for list := w.reopened(); ; list = w.take() {
		for i, r := range list {
			if w.ctx.Err() != nil {
				w.mu.Lock()
				w.again = append(list[i:], w.again...)
				w.mu.Unlock()
				return
			}
			ctx := r.Context
			if ctx == nil {
				ctx = w.ctx
			}
			w.Client().Produce(ctx, r, w.settled)
		}
		w.mu.Lock()
		if len(w.again) == 0 {
			w.mending.Store(len(w.renew) > 0)
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

// reopened is what to send first.
func (w *Writer) reopened() []*kgo.Record {
	if w.cfg.Reopened == nil {
		return w.take()
	}
	return w.cfg.Reopened(w.take)
}

// take empties the list of what waits, and lets in who waits for room there.
func (w *Writer) take() []*kgo.Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.again
	w.again, w.queued = nil, 0
	close(w.room)
	w.room = make(chan struct{})
	return list
}
