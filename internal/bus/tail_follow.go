package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// follow is Tail without an end. Each topic has a client of its own: one that has met a
// topic keeps asking for it by its id when it was deleted and created again.
func (c *Client) follow(ctx context.Context, cfg TailConfig, t *tail) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var one sync.Mutex // t.fn is called for one record at a time
	errs := make([]error, len(cfg.Topics))
	var wg sync.WaitGroup
	for i, topic := range cfg.Topics {
		wg.Go(func() {
			defer stop() // where one topic cannot be read, the tail ends
			errs[i] = c.followTopic(ctx, topic, cfg.From.offset(), func(fetches kgo.Fetches) error {
				one.Lock()
				defer one.Unlock()
				fetches.EachRecord(t.record)
				return t.err // told once, below
			})
		})
	}
	wg.Wait()
	if t.err != nil {
		return t.err
	}
	return errors.Join(errs...)
}

// followTopic reads a topic from an offset on until ctx ends; where the topic is created
// again, that one from its beginning.
func (c *Client) followTopic(ctx context.Context, topic string, from kgo.Offset, take func(kgo.Fetches) error) error {
	for {
		again, err := c.followOne(ctx, topic, from, take)
		if !again {
			return err
		}
		c.log.Warn("the topic was deleted; the one of that name is read from its beginning once it is there",
			"code", "topic_recreated", "topic", topic)
		if !c.awaitTopic(ctx, topic) {
			return nil
		}
		from = kgo.NewOffset().AtStart()
	}
}

// followOne reads until ctx ends, take fails, or the topic is gone, which again says.
func (c *Client) followOne(ctx context.Context, topic string, from kgo.Offset, take func(kgo.Fetches) error) (again bool, err error) {
	cl, err := c.newKgo("tail", kgo.ConsumeTopics(topic), kgo.ConsumeStartOffset(from), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		return false, err
	}
	defer cl.Close()
	for {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			return false, nil
		}
		err := readOn(cl, fetches)
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
func (c *Client) awaitTopic(ctx context.Context, topic string) bool {
	for ctx.Err() == nil {
		topics, err := c.adm.ListTopics(ctx, topic)
		if t := topics[topic]; err == nil && t.Err == nil && len(t.Partitions) > 0 {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(askAgain):
		}
	}
	return false
}
