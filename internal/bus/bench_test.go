package bus

import (
	"context"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// counting is the cheapest engine: it decodes and counts.
type counting struct {
	n    atomic.Int64
	meta models.PacketMeta
	want int64
	done chan struct{}
}

func (c *counting) Assigned(context.Context, string, int32) (int64, error) { return -1, nil }

func (c *counting) Records(_ context.Context, _ string, _ int32, recs []models.Record) (int64, error) {
	n := int64(0)
	for i := range recs {
		if recs[i].ContentType == models.ContentTypePacked {
			_ = wire.DecodePacked(recs[i].Value, func(*models.PacketMeta) error { n++; return nil })
		} else if wire.ParsePacket(recs[i].Value, &c.meta) == nil {
			n++
		}
	}
	if c.n.Add(n) >= c.want && n > 0 {
		close(c.done)
	}
	if len(recs) == 0 {
		return -1, nil
	}
	return recs[len(recs)-1].Offset + 1, nil
}

func (c *counting) Revoked(context.Context, string, int32) (int64, error) { return -1, nil }

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchmarkLoop is a packet's whole way over the log: encode, produce, broker on
// disk, fetch, decode.
func benchmarkLoop(b *testing.B, change func(*Config)) {
	c := dial(b, broker(b, "").Addr(), Deps{}, func(cfg *Config) {
		cfg.Linger = 5 * time.Millisecond
		change(cfg)
	})
	h := &counting{want: int64(b.N), done: make(chan struct{})}
	g := NewGroup(c, GroupConfig{Group: c.cfg.EngineGroup, Topics: []string{c.cfg.Topics.Packets}, FromBeginning: true}, h)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	p, err := c.NewPacketProducer(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	packets := make([]*models.PacketMeta, 4096)
	for i := range packets {
		packets[i] = meta(i)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := cpu()
	b.ResetTimer()
	for i := range b.N {
		if err := p.Publish(packets[i%len(packets)]); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	<-h.done
	b.StopTimer()
	used := cpu() - begin
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
	b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/packet")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(b.N), "mallocs/packet")
	p.Close()
	cancel()
	<-ended
}

func BenchmarkLoopJSON(b *testing.B) { benchmarkLoop(b, func(c *Config) {}) }
func BenchmarkLoopJSONUncompressed(b *testing.B) {
	benchmarkLoop(b, func(c *Config) { c.Compression = "none" })
}
func BenchmarkLoopPacked(b *testing.B) {
	benchmarkLoop(b, func(c *Config) { c.Encoding = EncodingPacked })
}
