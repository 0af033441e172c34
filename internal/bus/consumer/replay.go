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

// ErrRemoved means that retention has removed records that were to be replayed.
var ErrRemoved = errors.New("retention removed the records")

// ReplayPackets calls fn with the records of partitions of the packets topic, from the given
// offsets (-1: the oldest) up to the last stable offsets at the call; an open transaction
// that ends the replay early is logged. Each partition is in offset order, and partitions
// are merged by the timestamps of their records, so that a caller which restores the order
// of packets buffers little. A record is valid until fn returns. ReplayPackets returns
// errors of fn unchanged, and ErrRemoved if retention overtakes it.
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
	queues map[int32]*replayQueue // of partitions that have not ended
	fn     func(*models.Record) error
}

type replayQueue struct {
	records []replayed
	oldest  bool // starts at the oldest record; false after the first record
	paused  bool
}

// replayed is a record with the number of offsets before it that carry none.
type replayed struct {
	*kgo.Record
	gap int64
}

// Numbers of queued records of a partition at which fetching it stops and resumes.
const (
	replayFull = 1 << 15
	replayLow  = 1 << 13
)

func (r *replay) removed(p int32, at, start int64) error {
	return fmt.Errorf("bus: %s, partition %d: offset %d is before the start offset %d: %w", r.topic, p, at, start, ErrRemoved)
}

func (r *replay) run(ctx context.Context) error {
	for !r.at.Done() {
		fetches, err := r.log.Poll(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err != nil {
			return fmt.Errorf("bus: replay %s: %w", r.topic, err)
		}
		if r.log.Removed() > 0 {
			return fmt.Errorf("bus: replay %s: %w", r.topic, ErrRemoved)
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

// take queues the fetched records of a partition.
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

// drain passes records to fn while the oldest one is known.
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

// next returns the partition with the oldest record, nil while a partition that has not
// ended has no queued record. It drops partitions that have ended.
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

// balance stops fetching partitions that are far ahead of the others.
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
