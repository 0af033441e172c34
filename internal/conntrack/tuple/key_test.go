package tuple

import (
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// drawAddr returns one of a few addresses, so that equal ends are common.
func drawAddr(rng *rand.Rand, six bool) netip.Addr {
	if six {
		b := netip.MustParseAddr("2001:db8::").As16()
		b[7], b[15] = byte(rng.IntN(2)), byte(rng.IntN(3))
		return netip.AddrFrom16(b)
	}
	return netip.AddrFrom4([4]byte{10, 0, byte(rng.IntN(2)), byte(rng.IntN(3))})
}

// TestKeyOfBothDirections: both directions give one key, exactly one of them is swapped, and
// the ends of the key are the ends of the packet.
func TestKeyOfBothDirections(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 5))
	for range 20_000 {
		six := rng.IntN(2) == 0
		src, dst := drawAddr(rng, six), drawAddr(rng, six)
		sport, dport := uint16(rng.IntN(3)), uint16(rng.IntN(3))
		k, swapped := MakeKey(src, dst, sport, dport, models.ProtoUDP, false)
		back, other := MakeKey(dst, src, dport, sport, models.ProtoUDP, false)
		if k != back || !k.Same(&back) || k.Hash(7) != back.Hash(7) {
			t.Fatalf("%v:%d to %v:%d: keys %+v and %+v", src, sport, dst, dport, k, back)
		}
		if same := src == dst && sport == dport; same == (swapped != other) {
			t.Fatalf("%v:%d to %v:%d: swapped %v and %v", src, sport, dst, dport, swapped, other)
		}
		a, b := netip.AddrPortFrom(k.AddrA(), k.APort), netip.AddrPortFrom(k.AddrB(), k.BPort)
		if swapped {
			a, b = b, a
		}
		if a != netip.AddrPortFrom(src, sport) || b != netip.AddrPortFrom(dst, dport) {
			t.Fatalf("%v:%d to %v:%d: the key has %v and %v", src, sport, dst, dport, a, b)
		}
		if k.AddrA().Compare(k.AddrB()) > 0 {
			t.Fatalf("end A %v is above end B %v", k.AddrA(), k.AddrB())
		}
	}
}

// TestKeyDistinguishes: a change of any part of the tuple gives another key and another hash.
func TestKeyDistinguishes(t *testing.T) {
	four, other := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	base, _ := MakeKey(four, other, 1, 2, models.ProtoTCP, false)
	make1 := func(src, dst netip.Addr, sport, dport uint16, p models.Proto, oneWay bool) Key {
		k, _ := MakeKey(src, dst, sport, dport, p, oneWay)
		return k
	}
	for name, k := range map[string]Key{
		"address":           make1(four, netip.MustParseAddr("10.0.0.3"), 1, 2, models.ProtoTCP, false),
		"port of A":         make1(four, other, 3, 2, models.ProtoTCP, false),
		"port of B":         make1(four, other, 1, 3, models.ProtoTCP, false),
		"exchanged ports":   make1(four, other, 2, 1, models.ProtoTCP, false),
		"protocol":          make1(four, other, 1, 2, models.ProtoUDP, false),
		"one-way":           make1(four, other, 1, 2, models.ProtoTCP, true),
		"IPv6-mapped":       make1(netip.AddrFrom16(four.As16()), netip.AddrFrom16(other.As16()), 1, 2, models.ProtoTCP, false),
		"one-way backwards": make1(other, four, 2, 1, models.ProtoTCP, true),
	} {
		if k.Same(&base) || k == base {
			t.Errorf("%s: same key", name)
		}
		if k.Hash(1) == base.Hash(1) {
			t.Errorf("%s: same hash", name)
		}
	}
	if base.Hash(1) == base.Hash(2) {
		t.Error("the hash does not depend on the seed")
	}
}

// TestHashSpreads: the low bits of the hash select the place in the index. Keys that differ in
// few bits must fill the places evenly, and each bit of a tuple must change about half of the
// hash.
func TestHashSpreads(t *testing.T) {
	const places = 1 << 10
	for name, key := range map[string]func(i uint32) Key{
		"ports": func(i uint32) Key {
			k, _ := MakeKey(netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"), uint16(i), 80, models.ProtoTCP, false)
			return k
		},
		"addresses": func(i uint32) Key {
			k, _ := MakeKey(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), netip.MustParseAddr("192.0.2.1"), 1, 80, models.ProtoTCP, false)
			return k
		},
		"subnets of IPv6": func(i uint32) Key {
			b := netip.MustParseAddr("2001:db8::1").As16()
			b[6], b[7] = byte(i>>8), byte(i)
			k, _ := MakeKey(netip.AddrFrom16(b), netip.MustParseAddr("2001:db9::2"), 1, 80, models.ProtoTCP, false)
			return k
		},
	} {
		var used [places]int
		const n = 50_000
		for i := range uint32(n) {
			k := key(i)
			used[k.Hash(42)%places]++
		}
		var chi float64
		for _, c := range used {
			d := float64(c) - float64(n)/places
			chi += d * d * places / n
		}
		// Chi-square with 1023 degrees of freedom: mean 1023, deviation 45.
		if chi > 1023+6*45 {
			t.Errorf("%s: chi-square %.0f, want about %d", name, chi, places-1)
		}
		var changed, pairs int
		for i := range uint32(1000) {
			a, b := key(i), key(i^1)
			changed += bits.OnesCount64(a.Hash(42) ^ b.Hash(42))
			pairs++
		}
		if mean := float64(changed) / float64(pairs); mean < 28 || mean > 36 {
			t.Errorf("%s: %.1f of 64 bits change with the lowest bit, want about 32", name, mean)
		}
	}
}

// TestCounterpartIsMutual: if a type answers another, that one has the first as its
// counterpart, so that both directions have the same key.
func TestCounterpartIsMutual(t *testing.T) {
	for proto, pairs := range map[models.Proto][][2]uint16{
		models.ProtoICMP:   {{0, 8}, {9, 10}, {13, 14}, {15, 16}, {17, 18}},
		models.ProtoICMPv6: {{128, 129}, {130, 131}, {133, 134}, {135, 136}, {139, 140}, {144, 145}},
	} {
		paired := map[uint16]uint16{}
		for _, p := range pairs {
			paired[p[0]], paired[p[1]] = p[1], p[0]
		}
		for typ := range uint16(256) {
			port, oneWay := Counterpart(proto, typ, 77)
			want, known := paired[typ]
			if !known {
				want = 77
			}
			if port != want || oneWay == known {
				t.Errorf("%v type %d: counterpart %d, one-way %v; want %d, %v", proto, typ, port, oneWay, want, !known)
			}
		}
	}
}

// TestFromResponder has first packets of connections whose handshake was not captured.
func TestFromResponder(t *testing.T) {
	const syn, ack = models.FlagSYN, models.FlagACK
	host, all := netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("255.255.255.255")
	for _, c := range []struct {
		name  string
		proto models.Proto
		flags models.TCPFlags
		sport uint16
		dport uint16
		dst   netip.Addr
		want  bool
	}{
		{"client of a server port", models.ProtoTCP, ack, 50000, 443, host, false},
		{"server port", models.ProtoTCP, ack, 443, 50000, host, true},
		{"SYN from a server port", models.ProtoTCP, syn, 443, 50000, host, false},
		{"SYN and ACK from a server port", models.ProtoTCP, syn | ack, 443, 50000, host, true},
		{"two server ports, the lower sends", models.ProtoTCP, ack, 25, 443, host, true},
		{"two server ports, the higher sends", models.ProtoTCP, ack, 443, 25, host, false},
		{"twice the same server port", models.ProtoTCP, ack, 443, 443, host, false},
		{"two foreign ports", models.ProtoTCP, ack, 40000, 50000, host, false},
		{"datagram from a server port", models.ProtoUDP, 0, 53, 50000, host, true},
		{"datagram to a server port", models.ProtoUDP, 0, 50000, 53, host, false},
		{"datagram between server ports", models.ProtoUDP, 0, 53, 53, host, false},
		{"broadcast from a server port", models.ProtoUDP, 0, 67, 50000, all, false},
		{"port of TCP only", models.ProtoUDP, 0, 80, 50000, host, false},
		{"protocol without ports", models.ProtoSCTP, 0, 80, 50000, host, false},
	} {
		l := models.Layer{Proto: c.proto, Flags: c.flags, SrcPort: c.sport, DstPort: c.dport, Dst: c.dst}
		if got := FromResponder(&l); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPortSetHasItsPortsOnly compares the bit set with its list at every port.
func TestPortSetHasItsPortsOnly(t *testing.T) {
	list := []uint16{0, 1, 63, 64, 65, 1023, 32768, 65534, 65535}
	s := portSet(list...)
	n := 0
	for p := range 1 << 16 {
		if s.Has(uint16(p)) {
			n++
		}
	}
	for _, p := range list {
		if !s.Has(p) {
			t.Errorf("port %d is missing", p)
		}
	}
	if n != len(list) {
		t.Errorf("%d ports, want %d", n, len(list))
	}
}

// TestConnIDDependsOnAll: id of the same packets is the same; tunnel, time and key change it;
// it is never zero, which means unknown.
func TestConnIDDependsOnAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 6))
	for range 20_000 {
		k, _ := MakeKey(drawAddr(rng, false), drawAddr(rng, false), uint16(rng.Uint32()), uint16(rng.Uint32()), models.ProtoTCP, false)
		ts := rng.Int64()
		id := ConnID(&k, 0, ts)
		if id == 0 || id != ConnID(&k, 0, ts) {
			t.Fatalf("id %v of %+v", id, k)
		}
		port := k
		port.APort++
		if id == ConnID(&k, 1, ts) || id == ConnID(&k, 0, ts+1) || id == ConnID(&port, 0, ts) {
			t.Fatalf("id %v does not depend on tunnel, time and port", id)
		}
	}
}

// TestCommunityIgnoresDirection: for protocols with ports and without, of both IP versions.
func TestCommunityIgnoresDirection(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 7))
	seen := map[string]Key{}
	for _, p := range []models.Proto{models.ProtoTCP, models.ProtoUDP, models.ProtoSCTP, 47, 253} {
		for range 500 {
			six := rng.IntN(2) == 0
			src, dst := drawAddr(rng, six), drawAddr(rng, six)
			sport, dport := uint16(rng.Uint32()), uint16(rng.Uint32())
			if p == 47 || p == 253 {
				sport, dport = 0, 0
			}
			k, _ := MakeKey(src, dst, sport, dport, p, false)
			back, _ := MakeKey(dst, src, dport, sport, p, false)
			id := k.Community()
			if id != back.Community() || len(id) != 30 {
				t.Fatalf("%v: %s and %s", p, id, back.Community())
			}
			if old, ok := seen[id]; ok && old != k {
				t.Fatalf("%+v and %+v have the id %s", old, k, id)
			}
			seen[id] = k
		}
	}
}
