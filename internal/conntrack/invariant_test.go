package conntrack

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
)

type reported struct {
	C models.Connection
	E Event
}

// recorder stores all events of a table.
type recorder struct{ all []reported }

func (r *recorder) Connection(c *models.Connection, ev Event) {
	r.all = append(r.all, reported{*c, ev})
}

func drawPackets(t *rapid.T) []models.Packet {
	n := rapid.IntRange(1, 300).Draw(t, "packets")
	ts := int64(1e18)
	packets := make([]models.Packet, n)
	for i := range packets {
		p := &packets[i]
		ts += rapid.Int64Range(-int64(time.Second), int64(20*time.Second)).Draw(t, "gap")
		p.Meta.TS = models.Timestamp(ts/1000*1000 + int64(i)) // ids of connections with one tuple differ by their times
		p.N = 1
		l := &p.Layers[0]
		a := byte(rapid.IntRange(1, 3).Draw(t, "src"))
		b := byte(rapid.IntRange(1, 3).Draw(t, "dst"))
		l.Src, l.Dst = netip.AddrFrom4([4]byte{10, 0, 0, a}), netip.AddrFrom4([4]byte{10, 0, 0, b})
		l.Proto = rapid.SampledFrom([]models.Proto{models.ProtoTCP, models.ProtoTCP, models.ProtoTCP, models.ProtoUDP, models.ProtoICMP, 99}).Draw(t, "proto")
		l.SrcPort = uint16(rapid.SampledFrom([]int{8, 53, 80, 1000}).Draw(t, "sport"))
		l.DstPort = uint16(rapid.SampledFrom([]int{0, 53, 80, 1000}).Draw(t, "dport"))
		l.PayloadLen = uint32(rapid.SampledFrom([]int{0, 1, 48, 1400}).Draw(t, "len"))
		l.Payload = make([]byte, l.PayloadLen)
		l.IPLen = l.PayloadLen + 40
		if l.Proto == models.ProtoTCP {
			l.Flags = models.TCPFlags(rapid.SampledFrom([]int{0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x00, 0x07, 0xff}).Draw(t, "flags"))
			l.Seq = uint32(rapid.SampledFrom([]int{0, 1, 2, 100, 1500, 1 << 31, 1<<32 - 1}).Draw(t, "seq"))
			l.Ack = uint32(rapid.SampledFrom([]int{0, 1, 2, 100, 1500, 1 << 31, 1<<32 - 1}).Draw(t, "ack"))
			l.Window = uint16(rapid.SampledFrom([]int{0, 1000}).Draw(t, "window"))
		}
		l.Truncated = rapid.IntRange(0, 20).Draw(t, "cut") == 0
		p.Meta.WireLen = l.IPLen + 14
	}
	return packets
}

func play(cfg Config, packets []models.Packet) (*recorder, *Table, []models.Packet) {
	packets = slices.Clone(packets)
	r := &recorder{}
	table := New(cfg, r)
	for i := range packets {
		table.Track(&packets[i])
	}
	table.Flush()
	return r, table, packets
}

// TestInvariants: whatever the packets are, each is of exactly one connection, nothing
// is counted twice or lost, the bound holds, and two tables report the same.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		packets := drawPackets(t)
		cfg := DefaultConfig()
		cfg.Connections = rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "connections")
		r, table, seen := play(cfg, packets)
		again, _, _ := play(cfg, packets)
		if d := cmp.Diff(r.all, again.all); d != "" {
			t.Fatalf("two tables differ:\n%s", d)
		}
		s := table.Stats()
		if s.Begun != s.Ended || table.Len() != 0 || table.wheel.count != 0 || table.index.Used() != 0 || table.weakHead != 0 {
			t.Fatalf("not empty after Flush: %+v", s)
		}
		checkEvents(t, r.all, s)
		var tracked uint64
		for i := range seen {
			l := seen[i].Layers[0]
			if (l.Conn == 0) != (l.Dir == models.DirUnknown) || seen[i].Meta.Conn != l.Conn || seen[i].Meta.Dir != l.Dir {
				t.Fatalf("packet %d: connection %v, direction %d, meta %v %d", i, l.Conn, l.Dir, seen[i].Meta.Conn, seen[i].Meta.Dir)
			}
			if l.Conn != 0 {
				tracked++
			}
		}
		if tracked != s.Layers-s.Untracked-s.Refused {
			t.Fatalf("%d packets tracked, %+v", tracked, s)
		}
	})
}

// checkEvents: New first, End last and once, counts that only grow and add up.
func checkEvents(t *rapid.T, all []reported, s Stats) {
	var packets uint64
	last := map[string]models.Connection{}
	ended := map[string]bool{}
	for _, ev := range all {
		before, known := last[ev.C.ID]
		switch {
		case ended[ev.C.ID]:
			t.Fatalf("%s %s after its end", ev.E, ev.C.ID)
		case known == (ev.E == EventNew):
			t.Fatalf("%s %s, known %v", ev.E, ev.C.ID, known)
		case ev.C.OrigPackets+ev.C.RespPackets < before.OrigPackets+before.RespPackets:
			t.Fatalf("%s: packets went back", ev.C.ID)
		case ev.E == EventChanged && ev.C.State == before.State && ev.C.Phase == before.Phase:
			t.Fatalf("%s: changed, but state %s and phase %s did not", ev.C.ID, ev.C.State, ev.C.Phase)
		}
		last[ev.C.ID] = ev.C
		if ev.E == EventEnd {
			ended[ev.C.ID] = true
			packets += ev.C.OrigPackets + ev.C.RespPackets
			if ev.C.Phase != "closed" && ev.C.Phase != "expired" {
				t.Fatalf("%s ended in phase %s", ev.C.ID, ev.C.Phase)
			}
		}
	}
	if packets != s.Layers-s.Untracked-s.Refused || uint64(len(ended)) != s.Ended {
		t.Fatalf("%d packets in %d ended connections, %+v", packets, len(ended), s)
	}
}

// TestWheelFires: nothing stays in the table a tick longer than its deadline.
func TestWheelFires(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := DefaultConfig()
		table := New(cfg, nil)
		for _, p := range drawPackets(t) {
			table.Track(&p)
			for _, ref := range table.byAge() {
				if c := table.slab.conn(ref); c.deadline+2<<tickBits < table.newest {
					t.Fatalf("deadline %d, now %d", c.deadline, table.newest)
				}
			}
		}
		table.Advance(models.Timestamp(table.newest + int64(time.Hour)))
		if table.Len() != 0 {
			t.Fatalf("%d connections after an hour of silence", table.Len())
		}
	})
}
