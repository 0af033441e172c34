package guard

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"runtime"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func record(i int32, value []byte) kmsg.Record {
	r := kmsg.NewRecord()
	r.OffsetDelta, r.TimestampDelta64, r.Key, r.Value = i, int64(i), []byte("key"), value
	r.Headers = []kmsg.Header{{Key: "h", Value: nil}, {Key: "", Value: []byte("v")}}
	r.Length = int32(len(r.AppendTo(nil)) - 1) // without the length field, one byte for the value 0
	return r
}

// batch returns a batch of n records; change may corrupt the records or the header before the
// checksum is computed.
func batch(t testing.TB, codec kgo.CompressionCodecType, n int, change func(records []kmsg.Record, b *kmsg.RecordBatch)) []byte {
	t.Helper()
	var list []kmsg.Record
	for i := range n {
		list = append(list, record(int32(i), bytes.Repeat([]byte("x"), i*20)))
	}
	b := kmsg.RecordBatch{Magic: 2, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: int32(n), LastOffsetDelta: int32(n) - 1}
	if change != nil {
		change(list, &b)
	}
	var raw []byte
	for i := range list {
		raw = list[i].AppendTo(raw)
	}
	if b.Records == nil {
		b.Records = raw
		if codecs := []kgo.CompressionCodec{{}, kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()}; codec > 0 {
			c, err := kgo.DefaultCompressor(codecs[codec])
			if err != nil {
				t.Fatal(err)
			}
			b.Records, _ = c.Compress(new(bytes.Buffer), raw)
		}
	}
	b.Attributes |= int16(codec)
	out := b.AppendTo(nil)
	binary.BigEndian.PutUint32(out[atLength:], uint32(len(out)-12))
	binary.BigEndian.PutUint32(out[atCRC:], crc32.Checksum(out[atAttrs:], castagnoli))
	return out
}

// TestBatches checks valid and invalid batches with each codec.
func TestBatches(t *testing.T) {
	d := newDecoders()
	type change = func(r []kmsg.Record, b *kmsg.RecordBatch)
	invalid := map[string]change{
		"negative length of a record":  func(r []kmsg.Record, _ *kmsg.RecordBatch) { r[1].Length = -20 },
		"length beyond the batch":      func(r []kmsg.Record, _ *kmsg.RecordBatch) { r[2].Length = 1 << 20 },
		"length short of its content":  func(r []kmsg.Record, _ *kmsg.RecordBatch) { r[2].Length -= 2 },
		"greatest length":              func(r []kmsg.Record, _ *kmsg.RecordBatch) { r[0].Length = math.MaxInt32 },
		"offsets out of order":         func(r []kmsg.Record, _ *kmsg.RecordBatch) { r[1].OffsetDelta = 7 },
		"negative offset":              func(r []kmsg.Record, _ *kmsg.RecordBatch) { r[0].OffsetDelta = -1 },
		"more records than there are":  func(_ []kmsg.Record, b *kmsg.RecordBatch) { b.NumRecords, b.LastOffsetDelta = 4, 3 },
		"fewer records than there are": func(_ []kmsg.Record, b *kmsg.RecordBatch) { b.NumRecords, b.LastOffsetDelta = 2, 1 },
		"no records":                   func(_ []kmsg.Record, b *kmsg.RecordBatch) { b.NumRecords, b.LastOffsetDelta = 0, -1 },
		"negative count":               func(_ []kmsg.Record, b *kmsg.RecordBatch) { b.NumRecords, b.LastOffsetDelta = -5, -6 },
		"a count of two billion": func(_ []kmsg.Record, b *kmsg.RecordBatch) {
			b.NumRecords, b.LastOffsetDelta = math.MaxInt32, math.MaxInt32-1
		},
		"last offset that is not the last": func(_ []kmsg.Record, b *kmsg.RecordBatch) { b.LastOffsetDelta = 9 },
		"producer without an epoch":        func(_ []kmsg.Record, b *kmsg.RecordBatch) { b.ProducerID, b.FirstSequence = 3, 0 },
		"producer without a sequence":      func(_ []kmsg.Record, b *kmsg.RecordBatch) { b.ProducerID, b.ProducerEpoch = 3, 0 },
		"timestamps of the broker":         func(_ []kmsg.Record, b *kmsg.RecordBatch) { b.Attributes |= attrLogAppendTime },
		"noise instead of records": func(_ []kmsg.Record, b *kmsg.RecordBatch) {
			b.Records = []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}
		},
	}
	for codec := range kgo.CompressionCodecType(5) {
		if !checkBatch(batch(t, codec, 3, nil), 1<<20, d) {
			t.Errorf("codec %d: valid batch was refused", codec)
		}
		for name, change := range invalid {
			b := batch(t, codec, 3, change)
			if checkBatch(b, 1<<20, d) {
				t.Errorf("codec %d: accepted: %s", codec, name)
				continue
			}
			refuseBatch(b)
			if binary.BigEndian.Uint16(b[atAttrs:])&attrControl == 0 || crc32.Checksum(b[atAttrs:], castagnoli) != binary.BigEndian.Uint32(b[atCRC:]) {
				t.Errorf("codec %d, %s: not marked as a control batch with a valid checksum", codec, name)
			}
		}
	}
}

// TestBombs checks that the limit applies to the uncompressed size of a batch.
func TestBombs(t *testing.T) {
	d := newDecoders()
	const limit = 4 << 20
	for codec := range kgo.CompressionCodecType(5) {
		large := func(n int) []byte {
			return batch(t, codec, 1, func(r []kmsg.Record, _ *kmsg.RecordBatch) {
				r[0].Value = make([]byte, n)
				r[0].Length = 0
				r[0].Length = int32(len(r[0].AppendTo(nil)) - 1)
			})
		}
		if !checkBatch(large(limit-100), limit, d) {
			t.Errorf("codec %d: refused below the limit", codec)
		}
		b := large(40 << 20)
		if codec == 0 {
			continue // limited by the size of requests
		}
		checkBatch(b, limit, d) // creates the decoder
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if checkBatch(b, limit, d) {
			t.Errorf("codec %d: 40 MiB were accepted", codec)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
			t.Errorf("codec %d: allocated %d MiB for a refused batch", codec, n>>20)
		}
	}
}

// TestXerial checks the stream format of snappy-java, which clients in Java use.
func TestXerial(t *testing.T) {
	d := newDecoders()
	b := batch(t, 2, 3, nil)
	block := b[batchHeader:]
	body := append(append([]byte{}, xerial...), 0, 0, 0, 1, 0, 0, 0, 1)
	body = append(binary.BigEndian.AppendUint32(body, uint32(len(block))), block...)
	for n, want := range map[int]bool{len(body): true, len(body) - 1: false, 18: false} {
		if d.check(2, body[:n], 3, 1<<20) != want {
			t.Errorf("%d of %d bytes: want %v", n, len(body), want)
		}
	}
}

// FuzzBatch checks that kmsg can read the records of accepted batches one by one, as kfake does.
func FuzzBatch(f *testing.F) {
	for codec := range kgo.CompressionCodecType(5) {
		f.Add(batch(f, codec, 2, nil))
	}
	d := newDecoders()
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < batchHeader || b[atMagic] != 2 {
			return
		}
		binary.BigEndian.PutUint32(b[atLength:], uint32(len(b)-12))
		if b[atAttrs+1] &^= attrControl; !checkBatch(b, 1<<20, d) {
			return
		}
		var rb kmsg.RecordBatch
		if err := rb.ReadFrom(b); err != nil {
			t.Fatal(err)
		}
		raw, err := kgo.DefaultDecompressor().Decompress(rb.Records, kgo.CompressionCodecType(rb.Attributes&attrCodec))
		if err != nil {
			return // kfake answers with an error
		}
		for range rb.NumRecords {
			r := kmsg.NewRecord()
			if err := r.ReadFrom(raw); err != nil {
				t.Fatal(err)
			}
			n, size := binary.Varint(raw)
			raw = raw[n+int64(size):]
		}
		if len(raw) > 0 {
			t.Fatalf("%d bytes remain after the last record", len(raw))
		}
	})
}
