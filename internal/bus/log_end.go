package bus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/extent"
)

func (k partitionKey) extent() extent.Key { return extent.Key{Topic: k.topic, Partition: k.partition} }

// offsets is the extent of each partition of these topics. While brokers cannot be
// reached, or a partition has no leader, it asks again until ctx ends: an engine that
// takes over a lane must not fail because the network did at that moment.
func (c *Client) offsets(ctx context.Context, topics []string) (map[partitionKey]extent.Span, error) {
	for wait := askAfter; ; wait = min(2*wait, askAtLeast) {
		spans, err := c.offsetsNow(ctx, topics)
		if err == nil || !passing(err) {
			return spans, err
		}
		c.log.Debug("offsets are not known; asking again", "topics", topics, "err", err)
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// passing reports whether a request that failed with err can succeed later with nothing
// changed: the connection failed, or the cluster is electing leaders. A topic that does
// not exist is none of these, although Kafka calls that retriable.
func passing(err error) bool {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, kgo.ErrClientClosed),
		errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		return false
	case kerr.IsRetriable(err), kgo.IsRetryableBrokerErr(err):
		return true
	}
	return errors.As(err, new(*net.OpError)) || errors.Is(err, context.DeadlineExceeded)
}

// offsetsNow is offsets, asked once.
func (c *Client) offsetsNow(ctx context.Context, topics []string) (map[partitionKey]extent.Span, error) {
	spans, err := extent.List(ctx, c.adm, topics...)
	if err != nil {
		return nil, err
	}
	out := make(map[partitionKey]extent.Span, len(spans))
	for k, s := range spans {
		out[partitionKey{k.Topic, k.Partition}] = s
	}
	return out, nil
}

// next is extent.Next over this client's connections.
func (c *Client) next(ctx context.Context, k extent.Key, from int64) (extent.Answer, error) {
	return extent.Next(ctx, c.prompt.Client(), k, from)
}

// noticeOpen logs where the end of a bounded read is that of an open transaction: what
// lies behind it is not part of the read.
func (c *Client) noticeOpen(what string, spans map[partitionKey]extent.Span) {
	all := make(map[extent.Key]extent.Span, len(spans))
	for k, s := range spans {
		all[k.extent()] = s
	}
	for _, h := range extent.HeldBy(all) {
		if !c.open.news(h) {
			continue
		}
		c.log.Warn(what+" ends there: "+h.String(), "code", extent.CodeOpenTransaction, "topic", h.Topic, "partition", h.Partition, "offset", h.Offset)
	}
}

// How long a bounded read waits for records before it asks whether there are any, the
// first time and at most.
const (
	askAfter   = 100 * time.Millisecond
	askAtLeast = 2 * time.Second
)

// bounded reads the partitions of a Reading to their ends.
type bounded struct {
	c       *Client
	cl      *kgo.Client
	at      *extent.Reading
	wait    time.Duration
	removed int64 // offsets that turned out to be removed, without a record behind them to show it
}

// readBounded begins to read what at has left. The caller closes it.
func (c *Client) readBounded(kind string, at *extent.Reading, opts ...kgo.Opt) (*bounded, error) {
	from := map[string]map[int32]kgo.Offset{}
	for k, next := range at.Left() {
		if from[k.Topic] == nil {
			from[k.Topic] = map[int32]kgo.Offset{}
		}
		from[k.Topic][k.Partition] = kgo.NewOffset().At(next)
	}
	opts = append([]kgo.Opt{kgo.ConsumePartitions(from), kgo.FetchMaxWait(50 * time.Millisecond)}, opts...)
	cl, err := c.newKgo(kind, opts...)
	if err != nil {
		return nil, err
	}
	return &bounded{c: c, cl: cl, at: at, wait: askAfter}, nil
}

func (b *bounded) close() { b.cl.Close() }

// poll waits for records. They may lie behind the end: Reading.Take tells. While none
// come it asks the brokers whether there are any, and returns nothing where that has
// ended a partition. While brokers cannot be asked it goes on waiting, until ctx ends.
func (b *bounded) poll(ctx context.Context) (kgo.Fetches, error) {
	for {
		fetches, err := b.fetch(ctx)
		if err != nil || fetches.NumRecords() > 0 {
			b.wait = askAfter
			return fetches, err
		}
		b.wait = min(2*b.wait, askAtLeast)
		before := len(b.at.Left())
		n, err := b.at.Settle(ctx, b.c.next)
		b.removed += n
		if err != nil && ctx.Err() == nil {
			b.c.log.Debug("it is not known whether the end has been reached; asking again", "err", err)
		}
		if len(b.at.Left()) < before {
			return nil, nil
		}
	}
}

// fetch is one poll with an end to its patience.
func (b *bounded) fetch(ctx context.Context) (kgo.Fetches, error) {
	wctx, cancel := context.WithTimeout(ctx, b.wait)
	defer cancel()
	fetches := b.cl.PollFetches(wctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := readOn(b.cl, fetches); err != nil && !(errors.Is(err, context.DeadlineExceeded) && wctx.Err() != nil) {
		return nil, err
	}
	return fetches, nil
}

// compactedOnly reports whether a topic is compacted and nothing else: what is missing
// there was replaced by later records of the same keys.
func (c *Client) compactedOnly(ctx context.Context, topic string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	configs, err := c.adm.DescribeTopicConfigs(ctx, topic)
	if err == nil {
		var r kadm.ResourceConfig
		if r, err = configs.On(topic, nil); err == nil {
			err = r.Err
		}
		for _, kv := range r.Configs {
			if kv.Key == "cleanup.policy" && kv.Value != nil {
				return *kv.Value == "compact"
			}
		}
	}
	if err != nil {
		c.log.Debug("the cleanup policy is not known", "topic", topic, "err", fmt.Errorf("bus: %w", err))
	}
	return topic == c.cfg.Topics.Checkpoints
}
