package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// TailConfig says what Tail reads. It belongs to no group and commits nothing.
type TailConfig struct {
	Topics []string
	From   From
	ToEnd  bool // stop where the topics end at the call, instead of following them
}

// From is where a Tail begins. The zero value is the end: only what comes from now on.
type From struct {
	Beginning bool
	Time      time.Time // records produced at or after; zero = not used
}

func (f From) offset() kgo.Offset {
	switch {
	case f.Beginning:
		return kgo.NewOffset().AtStart()
	case !f.Time.IsZero():
		return kgo.NewOffset().AfterMilli(f.Time.UnixMilli())
	}
	return kgo.NewOffset().AtEnd()
}

// Tail calls fn for each record, in offset order within a partition, until ctx ends
// (its error is not returned), fn fails (its error is), or the end is reached with
// ToEnd. The record is valid until fn returns.
func (c *Client) Tail(ctx context.Context, cfg TailConfig, fn func(*models.Record) error) error {
	var left map[partitionKey]int64
	if cfg.ToEnd {
		spans, err := c.offsets(ctx, cfg.Topics)
		if err != nil {
			return err
		}
		left = map[partitionKey]int64{}
		for k, s := range spans {
			if s.end > s.start {
				left[k] = s.end
			}
		}
		if len(left) == 0 || !cfg.From.Beginning && cfg.From.Time.IsZero() {
			return nil
		}
		if left, err = c.after(ctx, cfg, left); err != nil || len(left) == 0 {
			return err
		}
	}
	cl, err := c.newKgo("tail", kgo.ConsumeTopics(cfg.Topics...), kgo.ConsumeStartOffset(cfg.From.offset()), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		return err
	}
	defer cl.Close()
	t := tail{fn: fn, left: left, letters: c.cfg.Topics.DeadLetters}
	for !t.done && t.err == nil {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := readOn(cl, fetches); err != nil {
			return fmt.Errorf("bus: tail: %w", err)
		}
		fetches.EachPartition(t.partition)
	}
	return t.err
}

// after drops the partitions that have nothing produced at or after From.Time.
func (c *Client) after(ctx context.Context, cfg TailConfig, left map[partitionKey]int64) (map[partitionKey]int64, error) {
	if cfg.From.Beginning {
		return left, nil
	}
	first, err := c.adm.ListOffsetsAfterMilli(ctx, cfg.From.Time.UnixMilli(), cfg.Topics...)
	if err != nil {
		return nil, fmt.Errorf("bus: tail: %w", err)
	}
	for k, end := range left {
		if o, ok := first.Lookup(k.topic, k.partition); !ok || o.Err != nil || o.Offset < 0 || o.Offset >= end {
			delete(left, k)
		}
	}
	return left, nil
}

type tail struct {
	fn   func(*models.Record) error
	left map[partitionKey]int64 // ends to reach, nil = none
	done bool
	err  error

	letters string // the topic of dead letters
}

func (t *tail) partition(p kgo.FetchTopicPartition) {
	if t.err != nil {
		return
	}
	key := partitionKey{p.Topic, p.Partition}
	for _, r := range p.Records {
		end, bounded := t.left[key]
		if t.left != nil && (!bounded || r.Offset >= end) {
			continue
		}
		m := recordOf(r)
		if r.Topic == t.letters {
			m.Letter = letterOf(r)
		}
		if t.err = t.fn(&m); t.err != nil {
			return
		}
		if bounded && r.Offset >= end-1 {
			delete(t.left, key)
		}
	}
	t.done = t.left != nil && len(t.left) == 0
}
