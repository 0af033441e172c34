package packets_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/packets"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// counting is a handler that decodes and counts packets.
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

// benchmarkLoop measures a packet's path over the log: encode, produce, broker on disk,
// fetch, decode.
func benchmarkLoop(b *testing.B, change func(*client.Config)) {
	c := bustest.Dial(b, bustest.StartBroker(b, "").Addr(), client.Deps{}, func(cfg *client.Config) {
		cfg.Linger = 5 * time.Millisecond
		change(cfg)
	})
	h := &counting{want: int64(b.N), done: make(chan struct{})}
	g := consumer.NewGroup(c, consumer.GroupConfig{Group: c.Config().EngineGroup, Topics: []string{c.Config().Topics.Packets}, FromBeginning: true}, h)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	p, err := packets.NewProducer(context.Background(), c, "")
	if err != nil {
		b.Fatal(err)
	}
	packets := make([]*models.PacketMeta, 4096)
	for i := range packets {
		packets[i] = bustest.Packet(i)
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

func BenchmarkLoopJSON(b *testing.B) { benchmarkLoop(b, func(c *client.Config) {}) }

func BenchmarkLoopJSONUncompressed(b *testing.B) {
	benchmarkLoop(b, func(c *client.Config) { c.Compression = "none" })
}

func BenchmarkLoopPacked(b *testing.B) {
	benchmarkLoop(b, func(c *client.Config) { c.Encoding = client.EncodingPacked })
}
