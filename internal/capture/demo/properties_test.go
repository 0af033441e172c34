package demo

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// flow is the header of a generated frame, read without the code that wrote it.
type flow struct {
	src, dst     netip.Addr
	proto        uint8
	sport, dport uint16
	flags        uint8
	seq          uint32
	payload      []byte
	six          bool
}

// parse reads a frame of the generator: Ethernet, IPv4 or IPv6 without options, TCP, UDP or ICMP.
func parse(t testing.TB, b []byte) (f flow) {
	t.Helper()
	var l4 []byte
	switch typ := binary.BigEndian.Uint16(b[12:]); typ {
	case 0x0800:
		h := b[14:]
		f.src, f.dst, f.proto = netip.AddrFrom4([4]byte(h[12:16])), netip.AddrFrom4([4]byte(h[16:20])), h[9]
		l4 = h[20:binary.BigEndian.Uint16(h[2:])]
	case 0x86dd:
		h := b[14:]
		f.six = true
		f.src, f.dst, f.proto = netip.AddrFrom16([16]byte(h[8:24])), netip.AddrFrom16([16]byte(h[24:40])), h[6]
		l4 = h[40 : 40+int(binary.BigEndian.Uint16(h[4:]))]
	default:
		t.Fatalf("EtherType %#x", typ)
	}
	switch f.proto {
	case protoTCP:
		f.sport, f.dport = binary.BigEndian.Uint16(l4), binary.BigEndian.Uint16(l4[2:])
		f.seq, f.flags, f.payload = binary.BigEndian.Uint32(l4[4:]), l4[13], l4[int(l4[12]>>4)*4:]
	case protoUDP:
		f.sport, f.dport, f.payload = binary.BigEndian.Uint16(l4), binary.BigEndian.Uint16(l4[2:]), l4[8:]
	default:
		f.payload = l4
	}
	return f
}

// sum16 is the Internet checksum of RFC 1071 in its plain form.
func sum16(parts ...[]byte) uint16 {
	var s uint32
	for _, b := range parts {
		for i, v := range b {
			if i%2 == 0 {
				s += uint32(v) << 8
			} else {
				s += uint32(v)
			}
		}
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

// TestChecksumMatchesItsDefinition compares the fast sum with the plain one for all lengths
// and initial values, including data whose sum is zero.
func TestChecksumMatchesItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 20))
	for n := range 200 {
		b := random(rng, n)
		if rng.IntN(5) == 0 {
			clear(b)
		}
		if rng.IntN(5) == 0 {
			b = bytes.Repeat([]byte{0xff}, n)
		}
		head := random(rng, 2)
		initial := uint32(head[0])<<8 | uint32(head[1])
		got, want := fold(checksum(initial, b)), sum16(head, b)
		if got != want && got^want != 0xffff { // zero has two forms in ones' complement
			t.Fatalf("%d bytes, initial %#x: %#04x, want %#04x", n, initial, got, want)
		}
	}
}

// TestChecksumsVerify sums each frame of a mixed minute: a correct header or segment, its
// checksum included, has the sum zero.
func TestChecksumsVerify(t *testing.T) {
	c := short(30 * time.Second)
	c.Seed = 77
	var tcp, udp, icmp int
	take(t, c, func(g *Generator, f *models.Frame) {
		h := f.Data[14:]
		if f.Data[12] != 0x08 {
			return // IPv6 has no header checksum
		}
		if s := sum16(h[:20]); s != 0 {
			t.Fatalf("frame %d: IPv4 header checksum is off by %#04x", g.Count(), s)
		}
		l4 := h[20:binary.BigEndian.Uint16(h[2:])]
		pseudo := slices.Concat(h[12:20], []byte{0, h[9], byte(len(l4) >> 8), byte(len(l4))})
		switch h[9] {
		case protoICMP:
			pseudo = nil
			icmp++
		case protoTCP:
			tcp++
		case protoUDP:
			udp++
			if l4[6] == 0 && l4[7] == 0 {
				t.Fatalf("frame %d: datagram without a checksum", g.Count())
			}
		}
		if s := sum16(pseudo, l4); s != 0 {
			t.Fatalf("frame %d: checksum of protocol %d is off by %#04x", g.Count(), h[9], s)
		}
	})
	if tcp == 0 || udp == 0 || icmp == 0 {
		t.Errorf("%d TCP, %d UDP, %d ICMP frames; want some of each", tcp, udp, icmp)
	}
}

// TestEventTimeIsMonotone: for any configuration, frames are in order of time, from the start
// to before the end, also with attacks that overlap.
func TestEventTimeIsMonotone(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 21))
	for range 12 {
		c := DefaultConfig()
		c.Seed = rng.Uint64()
		c.Start = models.Timestamp(rng.Int64N(2e18))
		c.Duration = time.Duration(1+rng.IntN(6)) * time.Second
		c.Rate = float64(1 + rng.IntN(2000))
		c.Workstations = 1 + rng.IntN(100)
		c.Quiet, c.Every = time.Duration(rng.IntN(3))*time.Second, time.Second
		c.Rotation = c.Rotation[:rng.IntN(len(c.Rotation)+1)]
		for range rng.IntN(4) {
			c.Attacks = append(c.Attacks, Attack{Kind: Names()[rng.IntN(len(Names()))], At: time.Duration(rng.Int64N(int64(c.Duration))),
				For: time.Duration(rng.IntN(3)) * time.Second, Rate: float64(rng.IntN(300))})
		}
		last, n := c.Start, uint64(0)
		g := take(t, c, func(g *Generator, f *models.Frame) {
			n++
			if f.TS < last || f.TS >= c.Start+models.Timestamp(c.Duration) || g.Count() != n {
				t.Fatalf("%+v: frame %d at %v after %v, count %d", c, n, f.TS, last, g.Count())
			}
			last = f.TS
		})
		if s := g.Stats(); s.Received != n || s.Dropped != 0 {
			t.Errorf("%d frames, statistics %+v", n, s)
		}
	}
}

// TestAddressesAreReserved: outside addresses are from ranges for documentation and
// benchmarks, so that no generated file names a real host.
func TestAddressesAreReserved(t *testing.T) {
	var allowed []netip.Prefix
	for _, p := range []string{"192.168.10.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "224.0.0.251/32",
		"255.255.255.255/32", "0.0.0.0/32", "2001:db8::/32", "ff02::fb/128"} {
		allowed = append(allowed, netip.MustParsePrefix(p))
	}
	c := short(20 * time.Second)
	c.Rotation = Names()
	c.Every, c.Quiet = time.Second, time.Second
	take(t, c, func(g *Generator, f *models.Frame) {
		h := parse(t, f.Data)
		for _, a := range []netip.Addr{h.src, h.dst} {
			if !slices.ContainsFunc(allowed, func(p netip.Prefix) bool { return p.Contains(a) }) {
				t.Fatalf("frame %d (%s) has the address %v", g.Count(), g.Label(), a)
			}
		}
	})
}

// TestRotationRepeats: after the last kind the first follows, with other packets.
func TestRotationRepeats(t *testing.T) {
	c := short(9 * time.Second)
	c.Rate, c.Quiet, c.Every = 1, 0, 2*time.Second
	c.Rotation = []string{UDPScan, HostSweep}
	seen := map[int64]map[string]bool{}
	take(t, c, func(g *Generator, f *models.Frame) {
		if g.Label() != "" {
			s := int64(f.TS-c.Start) / 1e9
			if seen[s] == nil {
				seen[s] = map[string]bool{}
			}
			seen[s][g.Label()] = true
		}
	})
	for s, want := range map[int64]string{0: UDPScan, 2: HostSweep, 4: UDPScan, 6: HostSweep, 8: UDPScan} {
		if !seen[s][want] {
			t.Errorf("second %d has %v, want %s", s, seen[s], want)
		}
	}
	if seen[0][HostSweep] {
		t.Error("the second attack runs in the first slot")
	}
}

// TestCloseEnds: after Close, Next returns io.EOF at once and leaves the frame unchanged.
func TestCloseEnds(t *testing.T) {
	g, err := New(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	var f models.Frame
	for range 100 {
		if err := g.Next(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	before := f
	for range 2 {
		if err := g.Next(&f); err != io.EOF || f.TS != before.TS || g.Count() != 100 {
			t.Errorf("Next after Close: %v, frame at %v, count %d", err, f.TS, g.Count())
		}
	}
	if s := g.Stats(); s.Received != 100 {
		t.Errorf("%d frames received, want 100", s.Received)
	}
}

// TestMessageReadsAnyPart: parts of a message that are read at any offset equal those of the
// whole, across the end of the head and of the pool.
func TestMessageReadsAnyPart(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 22))
	for range 2000 {
		m := message{head: random(rng, rng.IntN(20)), pool: random(rng, 1+rng.IntN(30)), at: rng.IntN(30)}
		m.n = len(m.head) + rng.IntN(100)
		whole := make([]byte, m.n)
		m.read(whole, 0)
		if !bytes.HasPrefix(whole, m.head) {
			t.Fatalf("message %x does not begin with its head %x", whole, m.head)
		}
		off := rng.IntN(m.n + 1)
		part := make([]byte, rng.IntN(m.n-off+1))
		m.read(part, off)
		if !bytes.Equal(part, whole[off:off+len(part)]) {
			t.Fatalf("bytes %d to %d are %x, want %x", off, off+len(part), part, whole[off:off+len(part)])
		}
	}
}

// TestQueueIsSorted: actors step in order of time; those of the same time in order of their
// addition.
func TestQueueIsSorted(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 23))
	for range 200 {
		g := &Generator{}
		n := 1 + rng.IntN(60)
		for range n {
			g.add(rng.Int64N(10), nil)
		}
		last := entry{at: -1}
		for range n {
			e := g.queue[0]
			if before(&e, &last) {
				t.Fatalf("entry at %d order %d after %d order %d", e.at, e.order, last.at, last.order)
			}
			last = e
			g.requeue(0, false)
		}
		if len(g.queue) != 0 {
			t.Fatalf("%d entries remain", len(g.queue))
		}
	}
}
