package guard

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// BenchmarkCheck checks a Produce with a megabyte of uncompressed records: packets in JSON, one
// in each record, and packed packets, in few large records.
func BenchmarkCheck(b *testing.B) {
	for _, shape := range []struct {
		name    string
		records int
		value   int
	}{{"json", 2500, 400}, {"packed", 16, 60_000}} {
		for codec, name := range map[kgo.CompressionCodecType]string{0: "none", 2: "snappy", 3: "lz4", 4: "zstd"} {
			b.Run(shape.name+"/"+name, func(b *testing.B) {
				var text []byte
				for i := range shape.value / 10 {
					text = fmt.Appendf(text, "\"p%d\":%d,", i%7, i*7919%1000)
				}
				list := batch(b, codec, shape.records, func(r []kmsg.Record, _ *kmsg.RecordBatch) {
					for i := range r {
						r[i] = record(int32(i), text)
					}
				})
				req := kmsg.NewPtrProduceRequest()
				req.SetVersion(9)
				req.Topics = []kmsg.ProduceRequestTopic{{Topic: "netlyra.packets", Partitions: []kmsg.ProduceRequestTopicPartition{{Records: list}}}}
				f := frame(req)
				cfg, d := DefaultConfig(), newDecoders()
				b.SetBytes(int64(shape.records * (len(text) + 20)))
				b.ReportAllocs()
				for b.Loop() {
					var r request
					ok := true
					if why := check(f, &cfg, func(x []byte) { ok = checkBatch(x, cfg.MaxUncompressed, d) }, &r); why != "" || !ok {
						b.Fatal(why, ok)
					}
				}
			})
		}
	}
}
