package bus

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// maxBatch is how large a fetched batch may be uncompressed, in bytes. Producers send at
// most a megabyte, compressed; what would be larger than this is no traffic, but a bomb.
const maxBatch = 64 << 20

// headerOversized is on the record that stands in the place of a batch that is too large.
const headerOversized = "netlyra-oversized"

// skipOversized has cl go on behind a batch that is too large, where err is about one,
// and gives a record to take its place: a batch, like a record, never stops the stream.
// franz-go would not read that partition any more. The caller polls cl.
func skipOversized(cl *kgo.Client, err error) *kgo.Record {
	var large *kgo.ErrDecompressTooLarge
	if !errors.As(err, &large) {
		return nil
	}
	cl.SetOffsets(map[string]map[int32]kgo.EpochOffset{large.Topic: {large.Partition: {Epoch: large.Epoch, Offset: large.NextOffset}}})
	why := fmt.Sprintf("a batch at offsets %d to %d that uncompressed is larger than %d MiB", large.Offset, large.NextOffset-1, maxBatch>>20)
	return &kgo.Record{Topic: large.Topic, Partition: large.Partition, Offset: large.NextOffset - 1,
		Headers: []kgo.RecordHeader{{Key: headerOversized, Value: []byte(why)}}}
}

// readOn is the error of a fetch, other than that batches are too large: in the place of
// each of these it puts one record. The caller polls cl.
func readOn(cl *kgo.Client, fetches kgo.Fetches) error {
	var first error
	for i := range fetches {
		for j := range fetches[i].Topics {
			for k := range fetches[i].Topics[j].Partitions {
				p := &fetches[i].Topics[j].Partitions[k]
				if r := skipOversized(cl, p.Err); r != nil {
					p.Records, p.Err = append(p.Records, r), nil
				}
				if first == nil {
					first = p.Err
				}
			}
		}
	}
	return first
}

// isOversized tells whether r stands for a whole batch.
func isOversized(r *kgo.Record) bool {
	return len(r.Headers) == 1 && r.Headers[0].Key == headerOversized
}
