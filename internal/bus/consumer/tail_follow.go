package consumer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/record"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// follow is Tail without ToEnd. Each topic has its own client, because a client continues to
// request a topic by the id that it had before it was recreated.
func (t *tail) follow(ctx context.Context, cfg TailConfig) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var one sync.Mutex // t.fn is called for one record at a time
	errs := make([]error, len(cfg.Topics))
	var wg sync.WaitGroup
	for i, topic := range cfg.Topics {
		wg.Go(func() {
			defer stop() // if one topic cannot be read, the tail ends
			errs[i] = t.followTopic(ctx, topic, cfg.From.offset(), func(fetches kgo.Fetches) error {
				one.Lock()
				defer one.Unlock()
				fetches.EachRecord(t.record)
				return t.err // returned once, below
			})
		})
	}
	wg.Wait()
	if t.err != nil {
		return t.err
	}
	return errors.Join(errs...)
}

// followTopic reads a topic from an offset until ctx ends, and a recreated one from its
// beginning.
func (t *tail) followTopic(ctx context.Context, topic string, from kgo.Offset, take func(kgo.Fetches) error) error {
	for {
		again, err := t.followOne(ctx, topic, from, take)
		if !again {
			return err
		}
		t.c.Log().Warn("topic was deleted; reading it from its beginning once it exists again",
			vocabulary.EventTopicRecreated.Attr(), "topic", topic)
		if !t.awaitTopic(ctx, topic) {
			return nil
		}
		from = kgo.NewOffset().AtStart()
	}
}

// followOne reads until ctx ends, take fails, or the topic was deleted (again is true then).
func (t *tail) followOne(ctx context.Context, topic string, from kgo.Offset, take func(kgo.Fetches) error) (again bool, err error) {
	cl, err := t.c.NewKgo("tail", kgo.ConsumeTopics(topic), kgo.ConsumeStartOffset(from), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		return false, err
	}
	defer cl.Close()
	for {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			return false, nil
		}
		err := record.ReplaceOversized(cl, fetches)
		gone := errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.UnknownTopicOrPartition)
		if err != nil && !gone {
			return false, fmt.Errorf("bus: tail: %w", err)
		}
		if err := take(fetches); err != nil || gone {
			return err == nil, err
		}
	}
}

// awaitTopic waits until a topic exists, and reports whether it does.
func (t *tail) awaitTopic(ctx context.Context, topic string) bool {
	for ctx.Err() == nil {
		topics, err := t.c.Admin().ListTopics(ctx, topic)
		if d := topics[topic]; err == nil && d.Err == nil && len(d.Partitions) > 0 {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(refreshEvery):
		}
	}
	return false
}
