package consumer

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/bus/record"
	"github.com/netlyra/netlyra/internal/models"
)

// TailConfig says what Tail reads.
type TailConfig struct {
	Topics []string
	From   From
	ToEnd  bool // stop at the last stable offsets at the call, instead of following the topics
}

// From is the start of a Tail. The zero value is the end: only records written from now on.
type From struct {
	Beginning bool
	Time      time.Time // records produced at or after it; zero: not used
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

// Tail calls fn for each record, in offset order within a partition, until ctx ends (it
// returns nil then), fn fails (it returns that error), or the end is reached with ToEnd. It
// joins no group and commits nothing. A topic that is recreated is read from its
// beginning. The record is valid until fn returns. Records of an open transaction, and
// those that follow it, arrive when it ends; with ToEnd they are excluded, which is
// logged.
func Tail(ctx context.Context, c *client.Client, cfg TailConfig, fn func(*models.Record) error) error {
	t := tail{c: c, fn: fn, deadLetters: c.Config().Topics.DeadLetters}
	if cfg.ToEnd {
		return t.toEnd(ctx, cfg)
	}
	return t.follow(ctx, cfg)
}

// toEnd is Tail with ToEnd.
func (t *tail) toEnd(ctx context.Context, cfg TailConfig) error {
	spans, err := t.c.Spans(ctx, cfg.Topics...)
	if err != nil || !cfg.From.Beginning && cfg.From.Time.IsZero() {
		return err
	}
	t.c.WarnOpen("tail", spans)
	at, err := t.from(ctx, cfg, spans)
	if err != nil || at.Done() {
		return err
	}
	b, err := t.c.ReadTo("tail", at)
	if err != nil {
		return err
	}
	defer b.Close()
	for !at.Done() && t.err == nil {
		fetches, err := b.Poll(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("bus: tail: %w", err)
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			k := extent.Key{Topic: p.Topic, Partition: p.Partition}
			for _, r := range p.Records {
				if _, wanted := at.Take(k, r.Offset, p.LogStartOffset); wanted {
					t.record(r)
				}
			}
		})
	}
	return t.err
}

// from returns what is to be read, starting at cfg.From.
func (t *tail) from(ctx context.Context, cfg TailConfig, spans map[extent.Key]extent.Span) (*extent.Reading, error) {
	at := extent.NewReading()
	if cfg.From.Beginning {
		for k, s := range spans {
			at.Add(k, s.Start, s.End)
		}
		return at, nil
	}
	var first kadm.ListedOffsets
	err := t.c.Retry(ctx, func() (err error) {
		first, err = t.c.Admin().ListOffsetsAfterMilli(ctx, cfg.From.Time.UnixMilli(), cfg.Topics...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("bus: tail: %w", err)
	}
	for k, s := range spans {
		if o, ok := first.Lookup(k.Topic, k.Partition); ok && o.Err == nil && o.Offset >= 0 {
			at.Add(k, max(o.Offset, s.Start), s.End)
		}
	}
	return at, nil
}

type tail struct {
	c   *client.Client
	fn  func(*models.Record) error
	err error

	deadLetters string // name of the dead letter topic
}

func (t *tail) record(r *kgo.Record) {
	if t.err != nil {
		return
	}
	m := record.Of(r)
	if r.Topic == t.deadLetters {
		m.Letter = record.DeadLetterOf(r)
	}
	t.err = t.fn(&m)
}
