package backtest

import (
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/bus/checkpoint"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/capture/synth"
	"github.com/netlyra/netlyra/internal/conntrack"
	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models"
)

// benchLane returns a lane of the engine after a capture, and its states ten seconds before
// the end and at the end.
func benchLane(b *testing.B, src capture.Source) (lane *engine.Lane, before, now []byte) {
	b.Helper()
	lane, err := engine.NewLane(engine.DefaultConfig(), 0, func(*models.Alert) {})
	if err != nil {
		b.Fatal(err)
	}
	dec, table := decode.New(decode.DefaultConfig()), conntrack.New(conntrack.DefaultConfig(), discard{})
	var frame models.Frame
	var packet models.Packet
	var last models.Timestamp
	for src.Next(&frame) == nil {
		if dec.Decode(&frame, &packet) != nil {
			continue
		}
		table.Track(&packet)
		lane.Packet(0, models.Sequence{}, &packet.Meta)
		if packet.Meta.TS-last >= 10*models.Timestamp(time.Second) {
			before, now = now, lane.AppendState(nil)
			last = packet.Meta.TS
		}
	}
	return lane, before, now
}

type discard struct{}

func (discard) Connection(*models.Connection, conntrack.Event) {}

// BenchmarkCheckpoint measures saving and loading the state of a model after ten minutes of
// the demo traffic, and after ten million packets of 20,000 connections.
func BenchmarkCheckpoint(b *testing.B) {
	office := demo.DefaultConfig()
	office.Duration = 10 * time.Minute
	small, err := demo.New(office)
	if err != nil {
		b.Fatal(err)
	}
	gigabit := synth.DefaultConfig()
	gigabit.Count = 10_000_000
	large, err := synth.New(gigabit)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		src  capture.Source
	}{{"office", small}, {"gigabit", large}} {
		b.Run(c.name, func(b *testing.B) {
			lane, before, now := benchLane(b, c.src)
			b.Run("state", func(b *testing.B) {
				for range b.N {
					now = lane.AppendState(now[:0])
				}
				b.ReportMetric(float64(len(now)), "bytes")
			})
			benchCodecs(b, now)
			b.Run("changed", func(b *testing.B) {
				for range b.N {
					b.ReportMetric(100*changed(before, now), "%/chunks")
				}
			})
			benchTopic(b, now)
		})
	}
}

func benchCodecs(b *testing.B, state []byte) {
	one, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	for name, encode := range map[string]func([]byte) []byte{
		"snappy": func(dst []byte) []byte { return s2.EncodeSnappy(dst[:cap(dst)], state) },
		"zstd":   func(dst []byte) []byte { return one.EncodeAll(state, dst[:0]) },
	} {
		b.Run(name, func(b *testing.B) {
			out := make([]byte, 0, s2.MaxEncodedLen(len(state)))
			for range b.N {
				out = encode(out)
			}
			b.ReportMetric(float64(len(out)), "bytes")
		})
	}
}

// changed returns the share of a state in content-defined chunks of 4 KiB on average that the
// state ten seconds before does not contain: what an incremental checkpoint would write,
// without its index.
func changed(before, now []byte) float64 {
	had, fresh := map[string]bool{}, 0
	for _, c := range chunks(before) {
		had[string(c)] = true
	}
	for _, c := range chunks(now) {
		if !had[string(c)] {
			fresh += len(c)
		}
	}
	return float64(fresh) / float64(max(len(now), 1))
}

func chunks(b []byte) (list [][]byte) {
	var sum uint64
	from := 0
	for i, x := range b {
		sum = sum<<1 + (uint64(x)+1)*0x9e3779b97f4a7c15
		if sum>>52 == 0 || i-from >= 32<<10 {
			list = append(list, b[from:i+1])
			from = i + 1
		}
	}
	return append(list, b[from:])
}

// benchTopic saves to and loads from an embedded broker on disk, with a full history and ten
// minutes of checkpoints before compaction.
func benchTopic(b *testing.B, state []byte) {
	cfg := embedded.DefaultConfig()
	cfg.DataDir, cfg.MinFreeBytes, cfg.CompactInterval = b.TempDir(), 0, time.Hour
	broker, err := embedded.Start(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer broker.Close()
	c := client.DefaultConfig()
	c.Brokers = []string{broker.Addr()}
	conn, err := client.Dial(b.Context(), c, client.Deps{})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if err := conn.EnsureTopics(b.Context()); err != nil {
		b.Fatal(err)
	}
	n, states := 0, checkpoint.New(conn, checkpoint.DefaultConfig())
	save := func(b *testing.B) {
		n++
		info := models.CheckpointInfo{Offset: int64(n), EventTS: models.Timestamp(n) * 10e9, Packets: uint64(n)}
		if err := states.SaveInfo(b.Context(), "g", 0, info, state); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("save", func(b *testing.B) {
		for range b.N {
			save(b)
		}
	})
	for n < 60 {
		save(b)
	}
	b.Run("load", func(b *testing.B) {
		for range b.N {
			if _, err := checkpoint.New(conn, checkpoint.DefaultConfig()).LoadInfo(b.Context(), "g", 0); err != nil {
				b.Fatal(err)
			}
		}
	})
}
