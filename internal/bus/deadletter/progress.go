package deadletter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models"
)

// progress is the progress of redrives in one partition of the dead letters: the committed
// offset of Group with metadata
//
//	since=MILLISECONDS done=FROM-TO,OFFSET,…
//
// since is present while a redrive runs: from that time on it may have redriven records
// without committing them. done are later offsets that are complete: redrives with --reason
// or --topic leave others incomplete.
type progress struct {
	topic     string
	partition int32
	next      int64 // the first incomplete offset; committed
	done      ranges
	since     time.Time
	stored    string // what is committed in the group, to detect a concurrent redrive
}

// maxRedriveNote is below the limit of brokers for metadata (offset.metadata.max.bytes, 4096).
const maxRedriveNote = 3500

// settle marks an offset as complete.
func (p *progress) settle(offset int64) {
	p.done.add(offset)
	p.raise(p.next)
}

// pass marks the offsets from up to next as complete: they carry no record.
func (p *progress) pass(from, next int64) {
	if from < next {
		p.done.addAll(from, next-1)
		p.raise(p.next)
	}
}

// raise marks everything below start as complete, for example removed by retention.
func (p *progress) raise(start int64) {
	p.next = max(p.next, start)
	for len(p.done) > 0 && p.done[0].from <= p.next {
		p.next = max(p.next, p.done[0].to+1)
		p.done = p.done[1:]
	}
}

func (p *progress) note(since time.Time) string {
	var parts []string
	if !since.IsZero() {
		parts = append(parts, "since="+strconv.FormatInt(since.UnixMilli(), 10))
	}
	if len(p.done) > 0 {
		parts = append(parts, "done="+p.done.String())
	}
	return strings.Join(parts, " ")
}

// parse decodes metadata and ignores unknown fields.
func (p *progress) parse(note string) error {
	for part := range strings.FieldsSeq(note) {
		key, value, _ := strings.Cut(part, "=")
		var err error
		switch key {
		case "since":
			var ms int64
			if ms, err = strconv.ParseInt(value, 10, 64); err == nil {
				p.since = time.UnixMilli(ms)
			}
		case "done":
			p.done, err = parseRanges(value)
		}
		if err != nil {
			return fmt.Errorf("bus: progress of %s on %s/%d is invalid (%q): start from the beginning with --all: %w", Group, p.topic, p.partition, note, err)
		}
	}
	return nil
}

func loadProgress(ctx context.Context, c *client.Client, topic string, partition int32) (progress, error) {
	p := progress{topic: topic, partition: partition, stored: "none"}
	o, ok, err := committed(ctx, c, topic, partition)
	if err != nil || !ok {
		return p, err
	}
	p.next, p.stored = o.At, stored(o.At, o.Metadata)
	return p, p.parse(o.Metadata)
}

func stored(offset int64, note string) string { return strconv.FormatInt(offset, 10) + " " + note }

func committed(ctx context.Context, c *client.Client, topic string, partition int32) (o kadm.OffsetResponse, ok bool, err error) {
	var all kadm.OffsetResponses
	err = c.Retry(ctx, func() (err error) {
		all, err = c.Admin().FetchOffsetsForTopics(ctx, Group, topic)
		return err
	})
	if errors.Is(err, kerr.GroupIDNotFound) {
		return o, false, nil
	}
	if err != nil {
		return o, false, fmt.Errorf("bus: progress of %s: %w", Group, err)
	}
	o, ok = all.Lookup(topic, partition)
	if ok && o.Err != nil {
		return o, false, fmt.Errorf("bus: progress of %s: %w", Group, o.Err)
	}
	return o, ok && o.At >= 0, nil
}

// note commits the progress, also after ctx has ended: redriven records must be recorded.
func (r *redrive) note(ctx context.Context, since time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	p := &r.at
	text := p.note(since)
	if len(text) > maxRedriveNote {
		return fmt.Errorf("bus: the incomplete dead letters of %s are too scattered to commit: redrive without --reason and --topic first", p.topic)
	}
	o, ok, err := committed(ctx, r.c, p.topic, p.partition)
	if err != nil {
		return err
	}
	now := "none"
	if ok {
		now = stored(o.At, o.Metadata)
	}
	if now != p.stored {
		return fmt.Errorf("bus: another redrive of %s is running: wait until it has ended", p.topic)
	}
	var os kadm.Offsets
	os.Add(kadm.Offset{Topic: p.topic, Partition: p.partition, At: p.next, LeaderEpoch: -1, Metadata: text})
	if err := r.c.Retry(ctx, func() error { return r.c.Admin().CommitAllOffsets(ctx, Group, os) }); err != nil {
		return fmt.Errorf("bus: progress of %s: %w", Group, err)
	}
	p.stored = stored(p.next, text)
	return nil
}

// recover settles what an interrupted redrive has redriven without committing it. It searches
// the topics for records with its headers, from its start; clocks may differ by a minute.
func (r *redrive) recover(ctx context.Context) error {
	topics := slices.Collect(maps.Keys(r.parts))
	var starts kadm.ListedOffsets
	err := r.c.Retry(ctx, func() (err error) {
		starts, err = r.c.Admin().ListOffsetsAfterMilli(ctx, r.at.since.Add(-time.Minute).UnixMilli(), topics...)
		return err
	})
	if err != nil {
		return fmt.Errorf("bus: find records of an interrupted redrive: %w", err)
	}
	logs, err := r.c.Spans(ctx, topics...)
	if err != nil {
		return err
	}
	for k, log := range logs {
		o, ok := starts.Lookup(k.Topic, k.Partition)
		if !ok || o.Err != nil || o.Offset < 0 || o.Offset >= log.End {
			continue
		}
		if err := r.c.ReadPartition(ctx, k, max(o.Offset, log.Start), log.End, r.recall); err != nil {
			return err
		}
	}
	return nil
}

// recall settles the dead letter of a redriven record.
func (r *redrive) recall(rec *kgo.Record, _ int64) error {
	prefix := origin(r.at.topic, r.at.partition, 0)
	prefix = prefix[:len(prefix)-1]
	for _, h := range rec.Headers {
		rest, ok := strings.CutPrefix(string(h.Value), prefix)
		if h.Key != models.HeaderRedrivenFrom || !ok {
			continue
		}
		if offset, err := strconv.ParseInt(rest, 10, 64); err == nil && offset >= r.at.next && !r.at.done.has(offset) {
			r.at.settle(offset)
			r.count(ResultBefore, rec.Topic)
		}
	}
	return nil
}
