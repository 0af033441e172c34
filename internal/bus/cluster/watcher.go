package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Every is the interval of polls. Partitions that are added are in use after about twice as
// long.
const Every = time.Second

// Topic is the state of one topic.
type Topic struct {
	Name       string
	Exists     bool
	ID         [16]byte // changes when the topic is recreated; zero if the brokers have no topic ids
	Partitions int32    // 0: unknown

	MaxMessageBytes int           // largest batch accepted, after compression; 0: unknown
	RetentionBytes  int64         // of each partition; -1: no limit, 0: unknown
	RetentionAge    time.Duration // -1: no limit, 0: unknown
}

// Recreated reports whether now is another topic with the name of t.
func (t Topic) Recreated(now Topic) bool {
	var none [16]byte
	return t.ID != none && now.ID != none && t.ID != now.ID
}

// Watcher watches some topics. Make it with New.
type Watcher struct {
	adm    *kadm.Client
	topics []string
	log    *slog.Logger

	polling sync.Mutex // held by one poll at a time

	mu   sync.Mutex
	at   map[string]Topic
	subs map[int]func(was, now Topic)
	next int
}

// New returns a Watcher without data before the first Poll.
func New(adm *kadm.Client, topics []string, log *slog.Logger) *Watcher {
	return &Watcher{adm: adm, topics: topics, log: log, at: map[string]Topic{}, subs: map[int]func(was, now Topic){}}
}

// Topic returns the last state of a topic.
func (w *Watcher) Topic(name string) Topic {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at[name]
}

// Subscribe registers fn for changes of topics, until stop is called.
func (w *Watcher) Subscribe(fn func(was, now Topic)) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := w.next
	w.next++
	w.subs[id] = fn
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.subs, id)
	}
}

// Run polls until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := w.Poll(ctx); err != nil && ctx.Err() == nil {
				w.log.Debug("cannot poll the topics", "err", err)
			}
		}
	}
}

// Poll updates the topics now and calls the subscribers.
func (w *Watcher) Poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	w.polling.Lock()
	defer w.polling.Unlock()
	// Requests with authorized operations are answered by the brokers; others by the client's
	// cache, in which a deleted or recreated topic remains for seconds.
	details, err := w.adm.ListTopics(kadm.WithAuthorizedOps(ctx), w.topics...)
	if err != nil {
		return fmt.Errorf("list topics: %w", err)
	}
	configs, err := w.adm.DescribeTopicConfigs(ctx, w.topics...)
	if err != nil { // the user may lack the right
		configs = nil
	}
	for _, name := range w.topics {
		w.note(name, details, configs)
	}
	return nil
}

// note updates one topic.
func (w *Watcher) note(name string, details kadm.TopicDetails, configs kadm.ResourceConfigs) {
	w.mu.Lock()
	was := w.at[name]
	w.mu.Unlock()
	was.Name = name
	now := was
	d, ok := details[name]
	switch {
	case ok && d.Err == nil && len(d.Partitions) > 0:
		now.Exists, now.ID, now.Partitions = true, d.ID, int32(len(d.Partitions))
	case ok && errors.Is(d.Err, kerr.UnknownTopicOrPartition), ok && errors.Is(d.Err, kerr.UnknownTopicID):
		now.Exists = false
	}
	for _, r := range configs {
		if r.Name == name && r.Err == nil {
			now.configure(r.Configs)
		}
	}
	if now == was {
		return
	}
	w.mu.Lock()
	w.at[name] = now
	subs := make([]func(was, now Topic), 0, len(w.subs))
	for _, fn := range w.subs {
		subs = append(subs, fn)
	}
	w.mu.Unlock()
	for _, fn := range subs {
		fn(was, now)
	}
}

func (t *Topic) configure(configs []kadm.Config) {
	for _, kv := range configs {
		if kv.Value == nil {
			continue
		}
		n, err := strconv.ParseInt(*kv.Value, 10, 64)
		if err != nil {
			continue
		}
		switch kv.Key {
		case "max.message.bytes":
			t.MaxMessageBytes = int(n)
		case "retention.bytes":
			t.RetentionBytes = max(n, -1)
		case "retention.ms":
			t.RetentionAge = -1
			if n >= 0 && n < int64(1<<63-1)/int64(time.Millisecond) {
				t.RetentionAge = time.Duration(n) * time.Millisecond
			}
		}
	}
}
