package writer

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/cluster"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Sizes of a batch in bytes: the maximum of a client, and the minimum that is tried.
const (
	MaxBatch   = 1000012
	leastBatch = 1 << 10
	// batchHead is the size of a batch without its records.
	batchHead = 100
)

// batch returns the batch size for franz-go, which calls it once for each partition.
func (w *Writer) batch(topic string) int32 {
	most := w.Batch(topic)
	w.mu.Lock()
	w.used[topic] = most
	w.mu.Unlock()
	return int32(most)
}

// Batch returns the maximum size of a batch of a topic in bytes.
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

// smaller returns what to send for a record that was refused as too large: the record itself,
// for a smaller batch, or its parts; nil if it cannot be divided. The caller holds mu.
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

// changed is called by the watcher.
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
		w.requestReplace(now.Name)
	}
	if now.Partitions > was.Partitions && was.Partitions > 0 {
		w.Client().ForceMetadataRefresh()
	}
}

// requestReplace requests a new client because of a topic.
func (w *Writer) requestReplace(topic string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.renew[topic] = true
	w.replacing.Store(true)
	w.signal()
}

// Renew requests a new client because of a topic, after TryProduce failed with a curable
// error.
func (w *Writer) Renew(topic string) { w.requestReplace(topic) }

func (w *Writer) signal() {
	select {
	case w.wanted <- struct{}{}:
	default:
	}
}

func (w *Writer) replaceLoop() {
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-w.wanted:
			w.replace()
		}
	}
}

// pause is the interval of polls while a topic is missing.
const pause = 100 * time.Millisecond

// replace waits until all records are settled or queued, replaces the client once the topics
// exist, and sends the queue.
func (w *Writer) replace() {
	if !w.replacing.Load() { // already done
		return
	}
	old := w.Client()
	old.ForceMetadataRefresh() // so that records without a partition fail soon
	if err := w.cfg.Watcher.Poll(w.ctx); err != nil {
		w.cfg.Log.Debug("cannot poll the topics", "err", err)
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
	old.Close() // records produced meanwhile fail and are queued
	if err := w.open(); err != nil {
		w.cfg.Log.Error("cannot create a Kafka client; retrying", vocabulary.EventClientFailed.Attr(), "err", err)
		w.requestReplace("")
		return
	}
	w.send()
}

// lower halves the batch size of topics that refused batches within their reported limit.
// The caller holds mu.
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

// await returns when the topics exist; false if the Writer is closed first.
func (w *Writer) await(topics []string) bool {
	for _, topic := range topics {
		if topic == "" {
			continue
		}
		logged := false
		for !w.cfg.Watcher.Topic(topic).Exists {
			if !logged {
				w.cfg.Log.Error("topic does not exist; writes are buffered until it is created", vocabulary.EventTopicMissing.Attr(), "topic", topic)
				logged = true
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

// send sends the queue, in order, until it is empty.
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
			w.replacing.Store(len(w.renew) > 0)
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

// reopened returns the records to send first.
func (w *Writer) reopened() []*kgo.Record {
	if w.cfg.Reopened == nil {
		return w.take()
	}
	return w.cfg.Reopened(w.take)
}

// take returns and empties the queue, and wakes callers that wait for room in it.
func (w *Writer) take() []*kgo.Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.again
	w.again, w.queued = nil, 0
	close(w.room)
	w.room = make(chan struct{})
	return list
}
