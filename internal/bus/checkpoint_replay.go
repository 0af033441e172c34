package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// PacketSpans is what retention has kept of each partition of the packets topic: the
// oldest offset and the one that comes next.
func (c *Client) PacketSpans(ctx context.Context) (map[int32][2]int64, error) {
	all, err := c.offsets(ctx, []string{c.cfg.Topics.Packets})
	if err != nil {
		return nil, err
	}
	out := map[int32][2]int64{}
	for k, s := range all {
		out[k.partition] = [2]int64{s.start, s.end}
	}
	return out, nil
}

// ErrRemoved says that retention has removed what was to be read again.
var ErrRemoved = errors.New("retention has removed these records")

// ReplayPackets calls fn with the records of these partitions of the packets topic,
// from their offsets (-1: the oldest) up to where they end at the call. Each partition
// is in its order, and they are read about as far as each other by the time of their
// records, so that who puts them together need not hold much. A record is valid until
// fn returns. An error of fn is returned as it is.
func (c *Client) ReplayPackets(ctx context.Context, from map[int32]int64, fn func(*models.Record) error) error {
	spans, err := c.PacketSpans(ctx)
	if err != nil {
		return err
	}
	r := replay{topic: c.cfg.Topics.Packets, queues: map[int32]*replayQueue{}, fn: fn}
	offsets := map[int32]kgo.Offset{}
	for p, at := range from {
		start, end := spans[p][0], spans[p][1]
		if at < 0 {
			at = start
		}
		if at < start {
			return fmt.Errorf("bus: %s, partition %d: offset %d, the oldest is %d: %w", r.topic, p, at, start, ErrRemoved)
		}
		if at < end {
			r.queues[p] = &replayQueue{end: end}
			offsets[p] = kgo.NewOffset().At(at)
		}
	}
	if len(offsets) == 0 {
		return nil
	}
	cl, err := c.newKgo("replay", kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{r.topic: offsets}),
		kgo.FetchMaxWait(50*time.Millisecond), kgo.FetchMaxPartitionBytes(1<<20))
	if err != nil {
		return err
	}
	defer cl.Close()
	r.cl = cl
	return r.run(ctx)
}

// replay merges partitions by the time of their records.
type replay struct {
	topic  string
	cl     *kgo.Client
	queues map[int32]*replayQueue // of partitions that are not at their end
	fn     func(*models.Record) error
}

type replayQueue struct {
	records []*kgo.Record
	end     int64
	paused  bool
}

// Records that wait in one partition for those of the others, at which fetching it
// stops and goes on.
const (
	replayFull = 1 << 15
	replayLow  = 1 << 13
)

func (r *replay) run(ctx context.Context) error {
	for len(r.queues) > 0 {
		fetches := r.cl.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := readOn(r.cl, fetches); err != nil {
			return fmt.Errorf("bus: read %s again: %w", r.topic, err)
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			if q := r.queues[p.Partition]; q != nil {
				q.records = append(q.records, p.Records...)
			}
		})
		if err := r.drain(); err != nil {
			return err
		}
		r.balance()
	}
	return nil
}

// drain hands over records as long as it is known which is next.
func (r *replay) drain() error {
	for len(r.queues) > 0 {
		p, q := r.next()
		if q == nil {
			return nil
		}
		rec := q.records[0]
		q.records = q.records[1:]
		if rec.Offset < q.end {
			m := recordOf(rec)
			if err := r.fn(&m); err != nil {
				return err
			}
		}
		if rec.Offset >= q.end-1 {
			r.cl.PauseFetchPartitions(map[string][]int32{r.topic: {p}})
			delete(r.queues, p)
		}
	}
	return nil
}

// next is the partition with the oldest record, nil while one has none to compare.
func (r *replay) next() (p int32, best *replayQueue) {
	for id, q := range r.queues {
		if len(q.records) == 0 {
			return 0, nil
		}
		if best == nil || older(q, id, best, p) {
			p, best = id, q
		}
	}
	return p, best
}

func older(a *replayQueue, p int32, b *replayQueue, q int32) bool {
	if c := a.records[0].Timestamp.Compare(b.records[0].Timestamp); c != 0 {
		return c < 0
	}
	return p < q
}

// balance stops fetching what is far ahead of the others.
func (r *replay) balance() {
	for p, q := range r.queues {
		switch n := len(q.records); {
		case n >= replayFull && !q.paused:
			r.cl.PauseFetchPartitions(map[string][]int32{r.topic: {p}})
			q.paused = true
		case n <= replayLow && q.paused:
			r.cl.ResumeFetchPartitions(map[string][]int32{r.topic: {p}})
			q.paused = false
		}
	}
}
