package bus

import (
	"math"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// redriven is the value of the header of that name, and of others that hold a record
// back. One that is no number counts as far too many: whatever made it, the record shall
// not go round again.
func redriven(v []byte) int {
	n, err := strconv.Atoi(string(v))
	if err != nil || n < 0 {
		return math.MaxInt32
	}
	return n
}

// letterOf is what the headers of a dead letter say. Those that are missing leave the
// origin empty.
func letterOf(r *kgo.Record) *models.DeadLetter {
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
			l.Redriven = redriven(h.Value)
		case models.HeaderTruncated:
			l.Truncated = int64(redriven(h.Value))
		}
	}
	return l
}
