package conntrack

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/netlyra/netlyra/internal/conntrack/index"
	"github.com/netlyra/netlyra/internal/models"
)

// tcpPacket is a segment of connection i; reply is of its responder.
func tcpPacket(p *models.Packet, i uint32, reply bool, flags models.TCPFlags, ts int64) {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], 10<<24|i>>4)
	p.N = 1
	l := &p.Layers[0]
	*l = models.Layer{Src: netip.AddrFrom4(a), Dst: netip.AddrFrom4([4]byte{192, 0, 2, 1}), SrcPort: 1024 + uint16(i&15), DstPort: 9999,
		Proto: models.ProtoTCP, Flags: flags, Window: 100, IPLen: 40, Seq: 1, Ack: 1}
	if reply {
		l.Src, l.Dst, l.SrcPort, l.DstPort = l.Dst, l.Src, l.DstPort, l.SrcPort
	}
	p.Meta.TS, p.Meta.WireLen = models.Timestamp(ts), 54
}

// establish begins connections 0 to n−1 with a handshake each.
func establish(table *Table, n uint32, ts int64) {
	var p models.Packet
	for i := range n {
		tcpPacket(&p, i, false, models.FlagSYN, ts)
		p.Layers[0].Seq = 0
		table.Track(&p)
		tcpPacket(&p, i, true, models.FlagSYN|models.FlagACK, ts)
		p.Layers[0].Seq = 0
		table.Track(&p)
		tcpPacket(&p, i, false, models.FlagACK, ts)
		table.Track(&p)
	}
}

func TestRecordSizes(t *testing.T) {
	if n := unsafe.Sizeof(conn{}); n != 256 {
		t.Errorf("a record is %d bytes, not four cache lines", n)
	}
	if n := unsafe.Sizeof(cold{}); n != 40 {
		t.Errorf("the cold part is %d bytes", n)
	}
	if n := unsafe.Sizeof(index.Place{}); n != 8 {
		t.Errorf("a place of the index is %d bytes", n)
	}
}

// TestFloodLeavesEstablishedAlone: a flood of new tuples evicts only half-open ones,
// the oldest first, and every eviction is counted.
func TestFloodLeavesEstablishedAlone(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Connections = 1000
	ended := map[string]int{}
	var order []models.Timestamp
	table := New(cfg, SinkFunc(func(c *models.Connection, ev Event) {
		if ev == EventEnd {
			ended[c.State]++
			order = append(order, c.TS)
		}
	}))
	ts := int64(1e18)
	establish(table, 600, ts)
	var p models.Packet
	for i := range uint32(100_000) {
		ts += 1000
		tcpPacket(&p, 1000+i, false, models.FlagSYN, ts)
		table.Track(&p)
		if p.Meta.Conn == 0 {
			t.Fatalf("SYN %d is not tracked", i)
		}
		if i%3 == 0 { // an open port answers; the invented address does not
			tcpPacket(&p, 1000+i, true, models.FlagSYN|models.FlagACK, ts)
			table.Track(&p)
		}
		if table.Len() > cfg.Connections {
			t.Fatalf("%d connections", table.Len())
		}
	}
	s := table.Stats()
	if ended["S0"]+ended["S1"] != 99_600 || s.Evicted != 99_600 || s.Refused != 0 {
		t.Errorf("ended %v, %+v", ended, s)
	}
	for i := 1; i < len(order); i++ {
		if order[i] < order[i-1] {
			t.Fatalf("eviction %d is of an older connection than the one before", i)
		}
	}
	// The established ones are still known by their ids.
	tcpPacket(&p, 7, true, models.FlagACK, ts)
	if table.Track(&p); p.Meta.Dir != models.DirResp || table.Stats().Begun != s.Begun {
		t.Errorf("connection 7 was evicted")
	}
}

func TestFullOfEstablishedRefuses(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Connections = 10
	table := New(cfg, nil)
	establish(table, 10, 1e18)
	var p models.Packet
	tcpPacket(&p, 99, false, models.FlagSYN, 1e18)
	table.Track(&p)
	if s := table.Stats(); p.Meta.Conn != 0 || p.Meta.Dir != models.DirUnknown || s.Refused != 1 || s.Evicted != 0 {
		t.Errorf("connection %v, %+v", p.Meta.Conn, s)
	}
}

// TestClosedGoesBeforeEstablished: what waits for stragglers makes room.
func TestClosedGoesBeforeEstablished(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Connections = 10
	table := New(cfg, nil)
	establish(table, 10, 1e18)
	var p models.Packet
	tcpPacket(&p, 3, false, models.FlagRST, 1e18)
	table.Track(&p)
	tcpPacket(&p, 99, false, models.FlagSYN, 1e18)
	table.Track(&p)
	if s := table.Stats(); p.Meta.Conn == 0 || s.Evicted != 1 {
		t.Errorf("%+v", s)
	}
}

func TestNoAllocationInSteadyState(t *testing.T) {
	for _, n := range []uint32{1, 10_000} {
		cfg := DefaultConfig()
		cfg.UpdateInterval = 0
		table := New(cfg, &discard{})
		ts := int64(1e18)
		establish(table, n, ts)
		var p models.Packet
		i := uint32(0)
		if a := testing.AllocsPerRun(5000, func() {
			i = (i + 7919) % n
			ts += 1000
			tcpPacket(&p, i, i&1 == 0, models.FlagACK, ts)
			table.Track(&p)
		}); a != 0 {
			t.Errorf("%d connections: %v allocations a packet", n, a)
		}
	}
}

type discard struct{}

func (*discard) Connection(*models.Connection, Event) {}

// TestMillionConnections bounds the memory of a full table.
func TestMillionConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("a million connections")
	}
	const n = 1_000_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	table := New(DefaultConfig(), nil)
	began := time.Now()
	establish(table, n, 1e18)
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d connections: %d MB, %d bytes each; %v for three packets each", table.Len(), used>>20, used/n, took.Round(time.Millisecond))
	if table.Len() != n || used > 400<<20 {
		t.Errorf("%d connections in %d MB, want %d in under 400", table.Len(), used>>20, n)
	}
	runtime.KeepAlive(table)
}

// BenchmarkTrack is a packet of one of n established connections, at random.
func BenchmarkTrack(b *testing.B) {
	for _, n := range []uint32{1e3, 1e4, 1e5, 1e6} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			cfg := DefaultConfig()
			cfg.UpdateInterval = 0
			cfg.IdleAfter = time.Hour
			table := New(cfg, nil)
			ts := int64(1e18)
			establish(table, n, ts)
			x := uint32(1)
			var p models.Packet
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				x = x*1664525 + 1013904223
				tcpPacket(&p, uint32(uint64(x)*uint64(n)>>32), x&64 == 0, models.FlagACK, ts+int64(i))
				table.Track(&p)
			}
		})
	}
}

// BenchmarkTrackBursts is the same with connections that send eight packets at a time,
// as real ones do.
func BenchmarkTrackBursts(b *testing.B) {
	for _, n := range []uint32{1e3, 1e6} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			cfg := DefaultConfig()
			cfg.UpdateInterval = 0
			cfg.IdleAfter = time.Hour
			table := New(cfg, nil)
			ts := int64(1e18)
			establish(table, n, ts)
			var p models.Packet
			x := uint32(1)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if i&7 == 0 {
					x = x*1664525 + 1013904223
				}
				tcpPacket(&p, uint32(uint64(x)*uint64(n)>>32), i&1 == 0, models.FlagACK, ts+int64(i))
				table.Track(&p)
			}
		})
	}
}

// BenchmarkFlood is a SYN of a new tuple each, on a full table.
func BenchmarkFlood(b *testing.B) {
	cfg := DefaultConfig()
	cfg.Connections = 1 << 17
	cfg.EndsOnly = true
	table := New(cfg, nil)
	var p models.Packet
	b.ReportAllocs()
	for i := range b.N {
		tcpPacket(&p, uint32(i), false, models.FlagSYN, 1e18+int64(i)*1000)
		table.Track(&p)
	}
}
