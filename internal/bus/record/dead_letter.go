package record

import (
	"math"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// DeadLetterOf reads the headers of a dead letter. Missing headers leave the origin empty,
// partition and offset -1.
func DeadLetterOf(r *kgo.Record) *models.DeadLetter {
	l := &models.DeadLetter{Partition: -1, Offset: -1}
	for i := range r.Headers {
		switch h := &r.Headers[i]; h.Key {
		case models.HeaderReason:
			l.Reason = string(h.Value)
		case models.HeaderTopic:
			l.Topic = string(h.Value)
		case models.HeaderPartition:
			if p, err := strconv.ParseInt(string(h.Value), 10, 32); err == nil {
				l.Partition = int32(p)
			}
		case models.HeaderOffset:
			if o, err := strconv.ParseInt(string(h.Value), 10, 64); err == nil {
				l.Offset = o
			}
		case models.HeaderRedriven:
			l.Redriven = count(h.Value)
		case models.HeaderTruncated:
			l.Truncated = int64(count(h.Value))
		}
	}
	return l
}

// count parses a header that keeps a record from being redriven. A malformed value counts
// as very large: whatever wrote it, the record must not be redriven without limit.
func count(v []byte) int {
	n, err := strconv.Atoi(string(v))
	if err != nil || n < 0 {
		return math.MaxInt32
	}
	return n
}
