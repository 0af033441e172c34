package deadletter

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/bus/record"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/wire"
)

// Group is the consumer group in which redrives commit their progress. It has no members.
const Group = "netlyra-redrive"

// Config says which dead letters Redrive handles.
type Config struct {
	From     string // topic of the dead letters, "": that of the Client
	Reason   string // only dead letters whose reason contains this; the others remain
	Topic    string // only dead letters from this topic; the others remain
	Limit    int    // maximum number of records to redrive, 0: all
	MaxTimes int    // records that were redriven so often are discarded, 0: 3
	All      bool   // from the beginning instead of from where the last redrive ended
	DryRun   bool   // only count; nothing is published or committed
}

// Results of a dead letter; see vocabulary.RedriveResults.
const (
	ResultRedriven  = vocabulary.RedriveRedriven
	ResultWould     = vocabulary.RedriveWould
	ResultBefore    = vocabulary.RedriveBefore
	ResultTooOften  = vocabulary.RedriveTooOften
	ResultNoOrigin  = vocabulary.RedriveNoOrigin
	ResultTruncated = vocabulary.RedriveTruncated
	ResultFiltered  = vocabulary.RedriveFiltered
	ResultRefused   = vocabulary.RedriveRefused
)

// Count is the number of dead letters of a topic with the same result.
type Count struct {
	Result  string `json:"result"` // a Result constant
	Topic   string `json:"topic"`  // topic of origin
	Records int    `json:"records"`
}

// redriveBatch is the number of records redriven between two commits of the progress.
const redriveBatch = 128

// Redrive produces dead letters to the topics that they came from, with their keys, values and
// content types, up to the end of the dead letter topic at the call. Each is redriven
// once: progress is committed to Group, and after an interrupted call the topics are
// searched for records that it redrove without committing them. When the limit is reached
// or ctx ends, the next call continues. Counts are valid also with an error.
func Redrive(ctx context.Context, c *client.Client, cfg Config) ([]Count, error) {
	if cfg.From == "" {
		cfg.From = c.Config().Topics.DeadLetters
	}
	if cfg.MaxTimes <= 0 {
		cfg.MaxTimes = 3
	}
	cl, err := c.NewProducer("redrive", 0, kgo.SnappyCompression(), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	r := &redrive{c: c, cfg: cfg, cl: cl, began: time.Now(), parts: map[string]int32{}}
	for _, topic := range []string{c.Config().Topics.Packets, c.Config().Topics.Alerts, c.Config().Topics.Connections} {
		if r.parts[topic], err = c.Partitions(ctx, topic); err != nil {
			return nil, err
		}
	}
	spans, err := c.Spans(ctx, cfg.From)
	if err != nil {
		return nil, err
	}
	if len(spans) == 0 {
		return nil, fmt.Errorf("bus: topic %s does not exist", cfg.From)
	}
	c.WarnOpen("redrive", spans)
	for p := range int32(len(spans)) {
		if err := r.partition(ctx, p, spans[extent.Key{Topic: cfg.From, Partition: p}]); err != nil {
			return r.counts, err
		}
	}
	return r.counts, nil
}

// redrive is the state of one call of Redrive.
type redrive struct {
	c      *client.Client
	cfg    Config
	cl     *kgo.Client
	began  time.Time
	parts  map[string]int32 // numbers of partitions of the topics that may be redriven to
	counts []Count
	put    int // redriven so far, for the limit
	at     progress
	batch  []*kgo.Record // records to redrive
	from   []int64       // offsets of their dead letters
}

// errLimit ends the read when the limit is reached.
var errLimit = errors.New("limit reached")

// partition redrives one partition of the dead letters.
func (r *redrive) partition(ctx context.Context, p int32, log extent.Span) error {
	if r.limited() {
		return nil
	}
	at, err := loadProgress(ctx, r.c, r.cfg.From, p)
	if err != nil {
		return err
	}
	if r.cfg.All {
		at.next, at.done, at.since = 0, nil, time.Time{}
	}
	at.raise(log.Start)
	r.at = at
	if at.next >= log.End {
		return nil
	}
	if !at.since.IsZero() {
		if err := r.recover(ctx); err != nil {
			return err
		}
	}
	if !r.cfg.DryRun {
		if err := r.note(ctx, r.began); err != nil { // from here on records may be redriven and not committed
			return err
		}
	}
	next := r.at.next
	err = r.c.ReadPartition(ctx, extent.Key{Topic: r.cfg.From, Partition: p}, next, log.End, func(rec *kgo.Record, gap int64) error {
		r.at.pass(rec.Offset-gap, rec.Offset)
		next = rec.Offset + 1
		return r.letter(ctx, rec)
	})
	switch {
	case err == nil:
		r.at.pass(next, log.End)
	case !errors.Is(err, errLimit):
		return err
	}
	if err := r.flush(ctx); err != nil || r.cfg.DryRun {
		return err
	}
	return r.note(ctx, time.Time{})
}

func (r *redrive) limited() bool { return r.cfg.Limit > 0 && r.put >= r.cfg.Limit }

// letter handles one dead letter.
func (r *redrive) letter(ctx context.Context, rec *kgo.Record) error {
	if r.at.done.has(rec.Offset) {
		return nil
	}
	if r.limited() {
		return errLimit
	}
	l := record.DeadLetterOf(rec)
	n, known := r.parts[l.Topic]
	switch {
	case r.cfg.Topic != "" && l.Topic != r.cfg.Topic || !strings.Contains(l.Reason, r.cfg.Reason):
		r.count(ResultFiltered, l.Topic)
		return nil
	case !known:
		r.count(ResultNoOrigin, l.Topic)
		r.at.settle(rec.Offset)
		return nil
	case l.Truncated > 0:
		r.count(ResultTruncated, l.Topic)
		r.at.settle(rec.Offset)
		return nil
	case l.Redriven >= r.cfg.MaxTimes:
		r.count(ResultTooOften, l.Topic)
		r.at.settle(rec.Offset)
		return nil
	case r.cfg.DryRun:
		r.put++
		r.count(ResultWould, l.Topic)
		return nil
	}
	r.put++
	r.batch, r.from = append(r.batch, original(rec, l, n)), append(r.from, rec.Offset)
	if len(r.batch) < redriveBatch {
		return nil
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.note(ctx, r.began)
}

// original returns the original record for its original partition. It has no sequence
// header: packets after it may have been processed, so it is taken out of order.
func original(rec *kgo.Record, l *models.DeadLetter, partitions int32) *kgo.Record {
	out := &kgo.Record{Topic: l.Topic, Key: rec.Key, Value: rec.Value, Partition: l.Partition}
	if l.Partition < 0 || l.Partition >= partitions {
		out.Partition = wire.PartitionOf(rec.Key, partitions)
	}
	for _, h := range rec.Headers {
		if h.Key == models.HeaderContentType {
			out.Headers = append(out.Headers, h)
		}
	}
	out.Headers = append(out.Headers,
		kgo.RecordHeader{Key: models.HeaderRedriven, Value: strconv.AppendInt(nil, int64(l.Redriven)+1, 10)},
		kgo.RecordHeader{Key: models.HeaderRedrivenFrom, Value: []byte(origin(rec.Topic, rec.Partition, rec.Offset))})
	return out
}

// origin identifies a dead letter.
func origin(topic string, partition int32, offset int64) string {
	return fmt.Sprintf("%s/%d/%d", topic, partition, offset)
}

// flush produces the batch and settles the acknowledged records.
func (r *redrive) flush(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	results := r.cl.ProduceSync(context.WithoutCancel(ctx), r.batch...) // completes the batch also when ctx ends
	at := map[*kgo.Record]int64{}
	for i, rec := range r.batch {
		at[rec] = r.from[i]
	}
	for _, res := range results {
		if res.Err != nil {
			r.put--
			r.count(ResultRefused, res.Record.Topic)
			r.c.Log().Warn("brokers refused a redriven record", vocabulary.EventRedriveRefused.Attr(), "topic", res.Record.Topic, "offset", at[res.Record], "err", res.Err)
			continue
		}
		r.count(ResultRedriven, res.Record.Topic)
		r.at.settle(at[res.Record])
	}
	r.batch, r.from = r.batch[:0], r.from[:0]
	return nil
}

func (r *redrive) count(result, topic string) {
	for i := range r.counts {
		if c := &r.counts[i]; c.Result == result && (c.Topic == topic || result == ResultNoOrigin) {
			c.Records++
			return
		}
	}
	if result == ResultNoOrigin { // untrusted text
		topic = ""
	}
	r.counts = append(r.counts, Count{Result: result, Topic: topic, Records: 1})
}

// Redriven returns how many records were redriven, or would be.
func Redriven(counts []Count) (n int) {
	for _, c := range counts {
		if c.Result == ResultRedriven || c.Result == ResultWould {
			n += c.Records
		}
	}
	return n
}
