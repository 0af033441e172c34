package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/bus/record"
)

// Backoff between retries, and between the questions of a bounded read whether more
// records exist.
const (
	minWait = 100 * time.Millisecond
	maxWait = 2 * time.Second
)

// BoundedReader fetches the partitions of an extent.Reading up to their fixed ends. It is
// for one goroutine at a time.
type BoundedReader struct {
	c       *Client
	cl      *kgo.Client
	at      *extent.Reading
	wait    time.Duration
	removed int64
}

// ReadTo starts to fetch what at has left. The caller closes the reader. kind names the
// connection in the brokers' logs and in metrics.
func (c *Client) ReadTo(kind string, at *extent.Reading, opts ...kgo.Opt) (*BoundedReader, error) {
	from := map[string]map[int32]kgo.Offset{}
	for k, next := range at.Left() {
		if from[k.Topic] == nil {
			from[k.Topic] = map[int32]kgo.Offset{}
		}
		from[k.Topic][k.Partition] = kgo.NewOffset().At(next)
	}
	opts = append([]kgo.Opt{kgo.ConsumePartitions(from), kgo.FetchMaxWait(50 * time.Millisecond)}, opts...)
	cl, err := c.NewKgo(kind, opts...)
	if err != nil {
		return nil, err
	}
	return &BoundedReader{c: c, cl: cl, at: at, wait: minWait}, nil
}

// Close closes the connection.
func (b *BoundedReader) Close() { b.cl.Close() }

// Removed returns how many offsets retention removed before they were read, as far as
// no later record of the partition shows it.
func (b *BoundedReader) Removed() int64 { return b.removed }

// Pause stops fetching a partition.
func (b *BoundedReader) Pause(k extent.Key) {
	b.cl.PauseFetchPartitions(map[string][]int32{k.Topic: {k.Partition}})
}

// Resume continues fetching a partition after Pause.
func (b *BoundedReader) Resume(k extent.Key) {
	b.cl.ResumeFetchPartitions(map[string][]int32{k.Topic: {k.Partition}})
}

// Poll waits for records. Some may lie beyond the end of their partition: Reading.Take
// tells. While no records arrive, Poll asks the brokers whether any remain, and returns
// nothing once an answer has ended a partition. While the brokers are unreachable it
// keeps waiting, until ctx ends.
func (b *BoundedReader) Poll(ctx context.Context) (kgo.Fetches, error) {
	for {
		fetches, err := b.fetch(ctx)
		if err != nil || fetches.NumRecords() > 0 {
			b.wait = minWait
			return fetches, err
		}
		b.wait = min(2*b.wait, maxWait)
		before := len(b.at.Left())
		n, err := b.at.Settle(ctx, b.c.Next)
		b.removed += n
		if err != nil && ctx.Err() == nil {
			b.c.log.Debug("cannot ask whether records remain; retrying", "err", err)
		}
		if len(b.at.Left()) < before {
			return nil, nil
		}
	}
}

// ReadPartition calls fn for the records of a partition from offset start up to end, with
// the number of offsets before each that carry no record. It returns the error of fn.
func (c *Client) ReadPartition(ctx context.Context, k extent.Key, start, end int64, fn func(r *kgo.Record, gap int64) error) error {
	at := extent.NewReading()
	at.Add(k, start, end)
	if at.Done() {
		return nil
	}
	b, err := c.ReadTo("read", at)
	if err != nil {
		return err
	}
	defer b.Close()
	return b.Each(ctx, fn)
}

// Each calls fn for every record up to the ends of the partitions, with the number of
// offsets before it that carry no record. It returns the error of fn.
func (b *BoundedReader) Each(ctx context.Context, fn func(r *kgo.Record, gap int64) error) error {
	for !b.at.Done() {
		fetches, err := b.Poll(ctx)
		if err != nil {
			return fmt.Errorf("bus: read %v: %w", slices.Collect(maps.Keys(b.at.Left())), err)
		}
		for it := fetches.RecordIter(); !it.Done(); {
			r := it.Next()
			step, wanted := b.at.Take(extent.Key{Topic: r.Topic, Partition: r.Partition}, r.Offset, -1)
			if !wanted {
				continue
			}
			if err := fn(r, step.Gap); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetch polls once, for at most b.wait.
func (b *BoundedReader) fetch(ctx context.Context) (kgo.Fetches, error) {
	wctx, cancel := context.WithTimeout(ctx, b.wait)
	defer cancel()
	fetches := b.cl.PollFetches(wctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := record.ReplaceOversized(b.cl, fetches); err != nil && !(errors.Is(err, context.DeadlineExceeded) && wctx.Err() != nil) {
		return nil, err
	}
	return fetches, nil
}
