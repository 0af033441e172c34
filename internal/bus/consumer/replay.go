package consumer

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/bus/record"
	"github.com/netlyra/netlyra/internal/models"
)

// ErrRemoved says that retention has removed what was to be read again.
var ErrRemoved = errors.New("retention has removed these records")

// ReplayPackets calls fn with the records of these partitions of the packets topic,
// from their offsets (-1: the oldest) up to where they end at the call: where a
// transaction is open that is where it began, and the log says so. Each partition
// is in its order, and they are read about as far as each other by the time of their
// records, so that who puts them together need not hold much. A record is valid until
// fn returns. An error of fn is returned as it is. Where retention overtakes the read
// the error is ErrRemoved.
func ReplayPackets(ctx context.Context, c *client.Client, from map[int32]int64, fn func(*models.Record) error) error {
	spans, err := c.Spans(ctx, c.Config().Topics.Packets)
	if err != nil {
		return err
	}
	c.WarnOpen("replay", spans)
	r := replay{topic: c.Config().Topics.Packets, at: extent.NewReading(), queues: map[int32]*replayQueue{}, fn: fn}
	for p, at := range from {
		k := extent.Key{Topic: r.topic, Partition: p}
		s, oldest := spans[k], at < 0
		if oldest {
			at = s.Start
		}
		if at < s.Start {
			return r.removed(p, at, s.Start)
		}
		if r.at.Add(k, at, s.End); r.at.Has(k) {
			r.queues[p] = &replayQueue{oldest: oldest}
		}
	}
	if r.at.Done() {
		return nil
	}
	if r.log, err = c.ReadTo("replay", r.at, kgo.FetchMaxPartitionBytes(1<<20)); err != nil {
		return err
	}
	defer r.log.Close()
	return r.run(ctx)
}

// replay merges partitions by the time of their records.
type replay struct {
	topic  string
	log    *client.BoundedReader
	at     *extent.Reading
	queues map[int32]*replayQueue // of partitions that are not at their end
	fn     func(*models.Record) error
}

type replayQueue struct {
	records []replayed
	oldest  bool // begins with whatever is the oldest record; false from the first one on
	paused  bool
}

// replayed is a record, and how many offsets before it carry none.
type replayed struct {
	*kgo.Record
	gap int64
}

// Records that wait in one partition for those of the others, at which fetching it
// stops and goes on.
const (
	replayFull = 1 << 15
	replayLow  = 1 << 13
)

func (r *replay) removed(p int32, at, start int64) error {
	return fmt.Errorf("bus: %s, partition %d: offset %d, the oldest is %d: %w", r.topic, p, at, start, ErrRemoved)
}

func (r *replay) run(ctx context.Context) error {
	for !r.at.Done() {
		fetches, err := r.log.Poll(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err != nil {
			return fmt.Errorf("bus: read %s again: %w", r.topic, err)
		}
		if r.log.Removed() > 0 {
			return fmt.Errorf("bus: read %s again: %w", r.topic, ErrRemoved)
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			if took := r.take(p); err == nil {
				err = took
			}
		})
		if err != nil {
			return err
		}
		if err := r.drain(); err != nil {
			return err
		}
		r.balance()
	}
	return nil
}

// take queues what was fetched of a partition.
func (r *replay) take(p kgo.FetchTopicPartition) error {
	k := extent.Key{Topic: p.Topic, Partition: p.Partition}
	q := r.queues[p.Partition]
	for _, rec := range p.Records {
		step, wanted := r.at.Take(k, rec.Offset, p.LogStartOffset)
		if step.Removed > 0 && q != nil && !q.oldest {
			return r.removed(p.Partition, rec.Offset-step.Gap-step.Removed, p.LogStartOffset)
		}
		if wanted && q != nil {
			q.records, q.oldest = append(q.records, replayed{rec, step.Gap}), false
		}
	}
	return nil
}

// drain hands over records as long as it is known which is next.
func (r *replay) drain() error {
	for len(r.queues) > 0 {
		q := r.next()
		if q == nil {
			return nil
		}
		rec := q.records[0]
		q.records = q.records[1:]
		m := record.Of(rec.Record)
		m.Gap = rec.gap
		if err := r.fn(&m); err != nil {
			return err
		}
	}
	return nil
}

// next is the partition with the oldest record, nil while one has none to compare. It
// lets go of partitions that are at their end.
func (r *replay) next() (best *replayQueue) {
	p := int32(-1)
	for id, q := range r.queues {
		if len(q.records) == 0 {
			if r.at.Has(extent.Key{Topic: r.topic, Partition: id}) {
				return nil
			}
			r.log.Pause(extent.Key{Topic: r.topic, Partition: id})
			delete(r.queues, id)
			continue
		}
		if best == nil || older(q, id, best, p) {
			p, best = id, q
		}
	}
	return best
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
			r.log.Pause(extent.Key{Topic: r.topic, Partition: p})
			q.paused = true
		case n <= replayLow && q.paused:
			r.log.Resume(extent.Key{Topic: r.topic, Partition: p})
			q.paused = false
		}
	}
}
