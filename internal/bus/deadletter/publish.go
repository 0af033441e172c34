package deadletter

import (
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/models"
)

// What a dead letter keeps at most, in bytes. A record may be as large as brokers allow,
// and with its headers would then be too large to be put aside: MESSAGE_TOO_LARGE, at
// which an engine that must not lose anything could only stop, again and again.
const (
	maxLetterKey  = 64 << 10
	maxLetter     = 960 << 10 // key and value
	maxLetterText = 512       // of a header
)

// Publisher writes dead letters. It may be used from any goroutine.
type Publisher struct{ c *client.Client }

// NewPublisher returns a Publisher on the dead letter topic of c.
func NewPublisher(c *client.Client) *Publisher { return &Publisher{c} }

// PublishDeadLetter puts aside a record that could not be read, as it was, with the
// reason and where it came from in headers. Of a key or value that is too large the
// beginning is kept, and a header says how large it was. rec may be used again after the
// call.
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
	if rec.Redriven > 0 { // so that it cannot go round for ever
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

// room is how many bytes of key and value the topic of dead letters takes now.
func (p *Publisher) room() int {
	return max(min(maxLetter, p.c.Immediate().Batch(p.c.Config().Topics.DeadLetters)-letterHead), 256)
}

// letterHead is more than a letter's headers and its batch need.
const letterHead = 6 * maxLetterText

func letterText(s string) []byte { return []byte(s[:min(len(s), maxLetterText)]) }
