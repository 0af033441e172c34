package record

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// MaxBatch is the largest uncompressed size of a fetched batch, in bytes. Producers send
// at most a megabyte, compressed; a larger batch is a decompression bomb.
const MaxBatch = 64 << 20

// headerOversized marks a record that replaces a batch larger than MaxBatch.
const headerOversized = "netlyra-oversized"

// SkipOversized moves cl past a batch larger than MaxBatch, if err is about one, and
// returns a record to take its place; nil for any other error. franz-go would not continue reading
// that partition any more, and no batch may stop the stream. The caller polls cl.
func SkipOversized(cl *kgo.Client, err error) *kgo.Record {
	var large *kgo.ErrDecompressTooLarge
	if !errors.As(err, &large) {
		return nil
	}
	cl.SetOffsets(map[string]map[int32]kgo.EpochOffset{large.Topic: {large.Partition: {Epoch: large.Epoch, Offset: large.NextOffset}}})
	reason := fmt.Sprintf("batch at offsets %d to %d is larger than %d MiB uncompressed", large.Offset, large.NextOffset-1, MaxBatch>>20)
	return &kgo.Record{Topic: large.Topic, Partition: large.Partition, Offset: large.NextOffset - 1,
		Headers: []kgo.RecordHeader{{Key: headerOversized, Value: []byte(reason)}}}
}

// ReplaceOversized puts one record in the place of each oversized batch of fetches, and
// returns the first error that is not about such a batch. The caller polls cl.
func ReplaceOversized(cl *kgo.Client, fetches kgo.Fetches) error {
	var first error
	for i := range fetches {
		for j := range fetches[i].Topics {
			for k := range fetches[i].Topics[j].Partitions {
				p := &fetches[i].Topics[j].Partitions[k]
				if r := SkipOversized(cl, p.Err); r != nil {
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

// IsOversized reports whether r replaces a whole batch.
func IsOversized(r *kgo.Record) bool {
	return len(r.Headers) == 1 && r.Headers[0].Key == headerOversized
}
