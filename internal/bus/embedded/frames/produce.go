package frames

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// produce returns a Produce request with one or two batches for one of the topics.
func (s *Source) produce() []byte {
	req := kmsg.NewPtrProduceRequest()
	req.SetVersion(int16(3 + s.r.IntN(10)))
	req.Acks = int16(s.r.IntN(3) - 1)
	t := kmsg.NewProduceRequestTopic()
	t.Topic = s.Topics[s.r.IntN(len(s.Topics))]
	for range 1 + s.r.IntN(2) {
		p := kmsg.NewProduceRequestTopicPartition()
		p.Partition, p.Records = int32(s.r.IntN(3)), s.batch()
		t.Partitions = append(t.Partitions, p)
	}
	req.Topics = append(req.Topics, t)
	return encode(s.r, req)
}

// batch returns a record batch with a correct checksum, often with another error: in lengths and
// numbers of records, attributes, the producer or the compressed bytes.
func (s *Source) batch() []byte {
	n := 1 + s.r.IntN(4)
	var records []byte
	for i := range n {
		records = append(records, s.record(int32(i))...)
	}
	b := kmsg.RecordBatch{Magic: 2, PartitionLeaderEpoch: -1, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: int32(n)}
	b.FirstTimestamp = int64(s.r.IntN(3)) * 1000
	b.MaxTimestamp = b.FirstTimestamp + 10
	if codec := s.r.IntN(10); codec < 5 {
		b.Attributes, records = compress(kgo.CompressionCodecType(codec), records)
	}
	if s.r.IntN(4) == 0 && len(records) > 0 {
		records[s.r.IntN(len(records))] ^= byte(1 << s.r.IntN(8))
	}
	if s.r.IntN(6) == 0 {
		b.Attributes ^= int16(1 << s.r.IntN(8))
	}
	if s.r.IntN(6) == 0 {
		b.NumRecords = int32(numbers[s.r.IntN(len(numbers))])
	}
	if s.r.IntN(6) == 0 {
		b.ProducerID, b.ProducerEpoch, b.FirstSequence = int64(s.r.IntN(3)), int16(s.r.IntN(3)-1), int32(s.r.IntN(3)-1)
	}
	b.LastOffsetDelta, b.Records = b.NumRecords-1, records
	return Seal(b.AppendTo(nil))
}

// Seal sets the length and the checksum of a batch, in place, and returns it.
func Seal(batch []byte) []byte {
	binary.BigEndian.PutUint32(batch[8:], uint32(len(batch)-12))
	binary.BigEndian.PutUint32(batch[17:], crc32.Checksum(batch[21:], crc32.MakeTable(crc32.Castagnoli)))
	return batch
}

// record returns a record, one of twelve with a wrong length.
func (s *Source) record(i int32) []byte {
	r := kmsg.NewRecord()
	r.OffsetDelta, r.TimestampDelta64 = i, int64(s.r.IntN(10))
	if s.r.IntN(3) > 0 {
		r.Key = []byte("key")
	}
	if s.r.IntN(3) > 0 {
		r.Value = s.noise(s.r.IntN(40))
	}
	if s.r.IntN(4) == 0 {
		r.Headers = append(r.Headers, kmsg.Header{Key: "h", Value: []byte("v")})
	}
	r.Length = int32(len(r.AppendTo(nil)) - 1) // without the length field, one byte for the value 0
	if s.r.IntN(12) == 0 {
		r.Length = int32(numbers[s.r.IntN(len(numbers))])
	}
	return r.AppendTo(nil)
}

// compressors are shared, by codec, because a compressor of zstd keeps megabytes.
var compressors = func() (list [5]kgo.Compressor) {
	for i, c := range []kgo.CompressionCodec{kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()} {
		list[i+1], _ = kgo.DefaultCompressor(c)
	}
	return list
}()

func compress(codec kgo.CompressionCodecType, records []byte) (attributes int16, out []byte) {
	c := compressors[codec]
	if c == nil {
		return 0, records
	}
	out, used := c.Compress(new(bytes.Buffer), records)
	return int16(used), out
}
