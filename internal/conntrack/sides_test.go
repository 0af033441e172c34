package conntrack

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// drawTraffic returns packets of UDP, ICMP and another protocol between a few hosts, in order
// of time. TCP is excluded: its roles and counts depend on the handshake.
func drawTraffic(rng *rand.Rand, n int) []models.Packet {
	out := make([]models.Packet, n)
	ts := int64(1e18)
	for i := range out {
		p := &out[i]
		ts += rng.Int64N(int64(20 * time.Millisecond))
		p.Meta.TS, p.N = models.Timestamp(ts), 1
		l := &p.Layers[0]
		a, b := byte(1+rng.IntN(4)), byte(11+rng.IntN(4))
		l.Src, l.Dst = netip.AddrFrom4([4]byte{10, 0, 0, a}), netip.AddrFrom4([4]byte{10, 0, 0, b})
		l.SrcPort, l.DstPort = uint16(40000+rng.IntN(2)), uint16(50000+rng.IntN(2))
		switch rng.IntN(3) {
		case 0:
			l.Proto = models.ProtoUDP
		case 1:
			l.Proto, l.SrcPort, l.DstPort = models.ProtoICMP, 8, 0
		default:
			l.Proto, l.SrcPort, l.DstPort = 253, 0, 0
		}
		l.PayloadLen = uint32(rng.IntN(1400))
		l.IPLen = 20 + l.PayloadLen
		if rng.IntN(2) == 0 { // the answer
			l.Src, l.Dst, l.SrcPort, l.DstPort = l.Dst, l.Src, l.DstPort, l.SrcPort
		}
		p.Meta.WireLen = 14 + l.IPLen
	}
	return out
}

// side has the counts of one end.
type side struct{ packets, bytes, ipBytes uint64 }

// TestBothSidesAddUp sums packets and bytes of each end without a table, with the first
// packet's source as the originator, and compares.
func TestBothSidesAddUp(t *testing.T) {
	for seed := range uint64(20) {
		packets := drawTraffic(rand.New(rand.NewPCG(11, seed)), 2000)
		type tuple struct {
			a, b  netip.AddrPort
			proto models.Proto
		}
		want := map[tuple]*[2]side{}
		for i := range packets {
			l := &packets[i].Layers[0]
			sport, dport := l.SrcPort, l.DstPort
			k := tuple{netip.AddrPortFrom(l.Src, sport), netip.AddrPortFrom(l.Dst, dport), l.Proto}
			back := tuple{k.b, k.a, k.proto}
			role := 0
			if want[back] != nil {
				k, role = back, 1
			}
			if want[k] == nil {
				want[k] = new([2]side)
			}
			s := &want[k][role]
			s.packets++
			s.ipBytes += uint64(l.IPLen)
			if l.Proto != 253 { // of unknown protocols only packets are counted
				s.bytes += uint64(l.PayloadLen)
			}
		}
		r, _, seen := play(DefaultConfig(), packets)
		ended := 0
		for _, ev := range r.all {
			if ev.E != EventEnd {
				continue
			}
			ended++
			c := &ev.C
			proto, _ := models.ParseProto(c.Proto)
			k := tuple{netip.AddrPortFrom(netip.MustParseAddr(c.SrcIP), c.SrcPort), netip.AddrPortFrom(netip.MustParseAddr(c.DstIP), c.DstPort), proto}
			got := [2]side{{c.OrigPackets, c.OrigBytes, c.OrigIPBytes}, {c.RespPackets, c.RespBytes, c.RespIPBytes}}
			if w := want[k]; w == nil || got != *w {
				t.Fatalf("seed %d: %v has %+v, want %+v", seed, k, got, w)
			}
		}
		if ended != len(want) {
			t.Errorf("seed %d: %d connections, want %d", seed, ended, len(want))
		}
		for i := range seen {
			l := &seen[i].Layers[0]
			for _, ev := range r.all {
				if ev.E == EventNew && ev.C.ID == l.Conn.String() && (ev.C.SrcIP == l.Src.String()) != (l.Dir == models.DirOrig) {
					t.Fatalf("seed %d: packet %d of %s from %v has direction %d, the originator is %s", seed, i, ev.C.ID, l.Src, l.Dir, ev.C.SrcIP)
				}
			}
			if i == 50 {
				break // each comparison is linear in the events
			}
		}
	}
}

// TestExchangedHostsExchangeTheSides: the same traffic with all addresses mirrored gives the
// same connections; nothing depends on which address is smaller.
func TestExchangedHostsExchangeTheSides(t *testing.T) {
	mirror := func(a netip.Addr) netip.Addr {
		b := a.As4()
		b[3] = 200 - b[3]
		return netip.AddrFrom4(b)
	}
	summary := func(r *recorder, addr func(netip.Addr) netip.Addr) (out []string) {
		for _, ev := range r.all {
			c := &ev.C
			out = append(out, fmt.Sprint(ev.E, c.TS, addr(netip.MustParseAddr(c.SrcIP)), c.SrcPort, addr(netip.MustParseAddr(c.DstIP)), c.DstPort,
				c.Proto, c.State, c.History, c.OrigPackets, c.OrigBytes, c.RespPackets, c.RespBytes, c.Duration))
		}
		slices.Sort(out) // events at the same time are in the order of ids, which are hashes
		return out
	}
	for seed := range uint64(20) {
		packets := drawTraffic(rand.New(rand.NewPCG(12, seed)), 1000)
		r, _, _ := play(DefaultConfig(), packets)
		other := slices.Clone(packets)
		for i := range other {
			l := &other[i].Layers[0]
			l.Src, l.Dst = mirror(l.Src), mirror(l.Dst)
		}
		m, _, _ := play(DefaultConfig(), other)
		a, b := summary(r, func(a netip.Addr) netip.Addr { return a }), summary(m, mirror)
		if !slices.Equal(a, b) {
			t.Fatalf("seed %d: %d events, mirrored %d, or their content differs", seed, len(a), len(b))
		}
	}
}

// TestShiftInTimeChangesNothing: time-outs are relative, so traffic a year later has the same
// connections.
func TestShiftInTimeChangesNothing(t *testing.T) {
	const year = models.Timestamp(365 * 24 * time.Hour)
	summary := func(r *recorder, shift models.Timestamp) (out []string) {
		for _, ev := range r.all {
			c := &ev.C
			out = append(out, fmt.Sprint(ev.E, c.TS-shift, c.LastTS-shift, c.SrcIP, c.SrcPort, c.DstIP, c.DstPort, c.Proto, c.State, c.Phase, c.OrigPackets, c.RespPackets))
		}
		slices.Sort(out)
		return out
	}
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(13, seed))
		packets := drawTraffic(rng, 1000)
		for i := range packets {
			packets[i].Meta.TS += models.Timestamp(int64(i) * int64(rng.IntN(2)+1) * int64(100*time.Millisecond)) // so that time-outs end some
		}
		slices.SortStableFunc(packets, func(a, b models.Packet) int { return int(a.Meta.TS - b.Meta.TS) })
		// A whole number of ticks, so that the wheel fires at the same packets.
		shift := year >> tickBits << tickBits
		a, ta, _ := play(DefaultConfig(), packets)
		later := slices.Clone(packets)
		for i := range later {
			later[i].Meta.TS += shift
		}
		b, _, _ := play(DefaultConfig(), later)
		if !slices.Equal(summary(a, 0), summary(b, shift)) {
			t.Fatalf("seed %d: %d and %d events, or their content differs", seed, len(a.all), len(b.all))
		}
		if ta.Stats().Expired == 0 {
			t.Errorf("seed %d: no connection timed out, so the test shows nothing", seed)
		}
	}
}
