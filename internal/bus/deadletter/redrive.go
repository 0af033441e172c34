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

// Group is the consumer group in which a redrive keeps how far it has come. It
// has no members; one redrive at a time.
const Group = "netlyra-redrive"

// Config says which dead letters Redrive puts back.
type Config struct {
	From     string // topic of dead letters, "" = that of the Client
	Reason   string // only those whose reason has this in it; the others stay for another call
	Topic    string // only those that came from this topic; the others stay for another call
	Limit    int    // put back at most so many, 0 = all
	MaxTimes int    // those that were put back so often are given up, 0 = 3
	All      bool   // from the beginning, not from where the last call ended
	DryRun   bool   // only count; nothing is published, and the next call begins at the same place
}

// What becomes of a dead letter.
const (
	ResultPutBack  = "put back"
	ResultWould    = "would be put back"
	ResultBefore   = "put back before it was cut off" // by a call that did not live to note it
	ResultGivenUp  = "given up, put back too often"
	ResultNoOrigin = "given up, no topic of NetLyra's"
	ResultNotWhole = "given up, only the beginning was kept"
	ResultOther    = "left, other reason or topic"
	ResultRefused  = "left, refused by the broker"
)

// Count is how many dead letters of a topic had the same fate.
type Count struct {
	Result  string `json:"result"`
	Topic   string `json:"topic"` // where they came from
	Records int    `json:"records"`
}

// redriveBatch is how many records are put back between two notes of the progress.
const redriveBatch = 128

// Redrive puts dead letters back to the topics that they came from, with their keys,
// values and content types, up to where the dead letters end at the call. Each is put
// back once: what has been is noted in Group, and after a call that was cut off
// the topics themselves are searched for what it had put back without noting it.
// Where the limit was reached or the context ended the rest is for the next call.
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

// redrive is one call of Redrive.
type redrive struct {
	c      *client.Client
	cfg    Config
	cl     *kgo.Client
	began  time.Time
	parts  map[string]int32 // partitions of the topics that records may go back to
	counts []Count
	put    int // put back, for the limit
	at     progress
	batch  []*kgo.Record // to be put back, one for each of offsets
	from   []int64
}

// errLimit ends the reading where enough was put back.
var errLimit = errors.New("limit reached")

// partition works off one partition of the dead letters.
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
		if err := r.note(ctx, r.began); err != nil { // from here on things may be put back and not noted
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

// letter decides what becomes of one dead letter.
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
		r.count(ResultOther, l.Topic)
		return nil
	case !known:
		r.count(ResultNoOrigin, l.Topic)
		r.at.settle(rec.Offset)
		return nil
	case l.Truncated > 0:
		r.count(ResultNotWhole, l.Topic)
		r.at.settle(rec.Offset)
		return nil
	case l.Redriven >= r.cfg.MaxTimes:
		r.count(ResultGivenUp, l.Topic)
		r.at.settle(rec.Offset)
		return nil
	case r.cfg.DryRun:
		r.put++
		r.count(ResultWould, l.Topic)
		return nil
	}
	r.put++
	r.batch, r.from = append(r.batch, putBack(rec, l, n)), append(r.from, rec.Offset)
	if len(r.batch) < redriveBatch {
		return nil
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.note(ctx, r.began)
}

// putBack is the record as it was, to the partition that it was in. What numbers
// packets is left out: the record's turn is over, and it is taken as it comes.
func putBack(rec *kgo.Record, l *models.DeadLetter, partitions int32) *kgo.Record {
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

// origin names a dead letter.
func origin(topic string, partition int32, offset int64) string {
	return fmt.Sprintf("%s/%d/%d", topic, partition, offset)
}

// flush puts the batch back and settles what the brokers took.
func (r *redrive) flush(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	results := r.cl.ProduceSync(context.WithoutCancel(ctx), r.batch...) // half a batch helps nobody
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
		r.count(ResultPutBack, res.Record.Topic)
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
	if result == ResultNoOrigin { // whoever wrote it may have written anything
		topic = ""
	}
	r.counts = append(r.counts, Count{Result: result, Topic: topic, Records: 1})
}

// PutBack is how many records were put back, or would be.
func PutBack(counts []Count) (n int) {
	for _, c := range counts {
		if c.Result == ResultPutBack || c.Result == ResultWould {
			n += c.Records
		}
	}
	return n
}
