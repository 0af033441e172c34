package deadletter

import (
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models"
)

// Maximum sizes of a dead letter in bytes. A record may be as large as brokers allow, and with
// the additional headers would be refused (MESSAGE_TOO_LARGE), which would stop an engine
// that must not lose records.
const (
	maxLetterKey  = 64 << 10
	maxLetter     = 960 << 10 // key and value
	maxLetterText = 512       // of a header
)

// Publisher writes dead letters. It may be used from any goroutine.
type Publisher struct{ c *client.Client }

// NewPublisher returns a Publisher on the dead letter topic of c.
func NewPublisher(c *client.Client) *Publisher { return &Publisher{c} }

// PublishDeadLetter publishes a record that could not be processed, with the reason and its
// origin in headers. A key or value that is too large is truncated, and a header has the
// original size. rec may be reused after the call.
func (p *Publisher) PublishDeadLetter(rec models.Record, reason string) {
	most := p.room()
	key := rec.Key[:min(len(rec.Key), maxLetterKey, most/2)]
	value := rec.Value[:min(len(rec.Value), most-len(key))]
	headers := []kgo.RecordHeader{
		{Key: models.HeaderReason, Value: letterText(reason)},
		{Key: models.HeaderTopic, Value: []byte(rec.Topic)},
		{Key: models.HeaderPartition, Value: strconv.AppendInt(nil, int64(rec.Partition), 10)},
		{Key: models.HeaderOffset, Value: strconv.AppendInt(nil, rec.Offset, 10)},
	}
	if rec.ContentType != "" {
		headers = append(headers, kgo.RecordHeader{Key: models.HeaderContentType, Value: letterText(rec.ContentType)})
	}
	if rec.Redriven > 0 { // so that redrives of it end
		headers = append(headers, kgo.RecordHeader{Key: models.HeaderRedriven, Value: strconv.AppendInt(nil, int64(rec.Redriven), 10)})
	}
	if was := len(rec.Key) + len(rec.Value); len(key)+len(value) < was {
		headers = append(headers, kgo.RecordHeader{Key: models.HeaderTruncated, Value: strconv.AppendInt(nil, int64(was), 10)})
	}
	p.c.PublishImmediate(&kgo.Record{
		Topic: p.c.Config().Topics.DeadLetters, Headers: headers,
		Key: append([]byte(nil), key...), Value: append([]byte(nil), value...),
	})
}

// room returns how many bytes of key and value the dead letter topic accepts now.
func (p *Publisher) room() int {
	return max(min(maxLetter, p.c.Immediate().Batch(p.c.Config().Topics.DeadLetters)-letterHead), 256)
}

// letterHead is an upper bound of a dead letter's headers and batch header.
const letterHead = 6 * maxLetterText

func letterText(s string) []byte { return []byte(s[:min(len(s), maxLetterText)]) }
