package client

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

// Spans returns the start, last stable and end offset of each partition of the topics.
// While the brokers are unreachable, or a partition has no leader, it retries until ctx
// ends: an engine that takes over a lane must survive a network failure at that moment.
// A topic that does not exist is an error.
func (c *Client) Spans(ctx context.Context, topics ...string) (spans map[extent.Key]extent.Span, err error) {
	err = c.Retry(ctx, func() (err error) {
		spans, err = c.SpansOnce(ctx, topics...)
		return err
	})
	return spans, err
}

// Retry calls request until it succeeds, fails with an error that no later attempt can
// cure, or ctx ends. It is for requests without which a command cannot start or continue:
// the client itself retries a request only for some errors, and gives up when one of
// several configured brokers refuses connections.
func (c *Client) Retry(ctx context.Context, request func() error) error {
	for wait := minWait; ; wait = min(2*wait, maxWait) {
		err := request()
		if err == nil || !transient(err) {
			return err
		}
		c.log.Debug("request to the brokers failed; retrying", "err", err)
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// SpansOnce is Spans without retries.
func (c *Client) SpansOnce(ctx context.Context, topics ...string) (map[extent.Key]extent.Span, error) {
	return extent.List(ctx, c.adm, topics...)
}

// PacketSpans returns the readable offsets of each partition of the packets topic: the
// oldest retained offset and the last stable offset, which is exclusive.
func (c *Client) PacketSpans(ctx context.Context) (map[int32][2]int64, error) {
	spans, err := c.Spans(ctx, c.cfg.Topics.Packets)
	if err != nil {
		return nil, err
	}
	out := map[int32][2]int64{}
	for k, s := range spans {
		out[k.Partition] = [2]int64{s.Start, s.End}
	}
	return out, nil
}

// transient reports whether a request that failed with err can succeed later although
// nothing else changes: the connection failed, or the cluster is electing leaders. An
// unknown topic is not transient, although Kafka classifies it as retriable.
func transient(err error) bool {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, kgo.ErrClientClosed),
		errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		return false
	case kerr.IsRetriable(err), kgo.IsRetryableBrokerErr(err):
		return true
	}
	return errors.As(err, new(*net.OpError)) || errors.Is(err, context.DeadlineExceeded)
}

// Next returns the next record of a partition for a consumer that reads committed; see
// extent.Next.
func (c *Client) Next(ctx context.Context, k extent.Key, from int64) (extent.Answer, error) {
	return extent.Next(ctx, c.immediate.Client(), k, from)
}

// CompactedOnly reports whether the topic's cleanup policy is compact without delete:
// records missing there were replaced by later records with the same keys. Where the
// policy cannot be read, only the checkpoints topic counts as compacted.
func (c *Client) CompactedOnly(ctx context.Context, topic string) bool {
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
		c.log.Debug("cannot read the cleanup policy", "topic", topic, "err", fmt.Errorf("bus: %w", err))
	}
	return topic == c.cfg.Topics.Checkpoints
}
