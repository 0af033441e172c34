package live

import (
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

func TestOwnTraffic(t *testing.T) {
	local := []netip.Addr{netip.MustParseAddr("192.168.1.10"), netip.MustParseAddr("fe80::1%eth0")}
	packet := func(eth []byte, ip ...byte) []byte { return append(append(make([]byte, 12), eth...), ip...) }
	v4 := func(proto byte, src, dst [4]byte, sport, dport uint16) []byte {
		b := make([]byte, 28)
		b[0], b[9] = 0x45, proto
		copy(b[12:], src[:])
		copy(b[16:], dst[:])
		b[20], b[21], b[22], b[23] = byte(sport>>8), byte(sport), byte(dport>>8), byte(dport)
		return b
	}
	v6 := func(src, dst string, dport uint16) []byte {
		b := make([]byte, 60)
		b[0], b[6] = 0x60, 6
		copy(b[8:], netip.MustParseAddr(src).AsSlice())
		copy(b[24:], netip.MustParseAddr(dst).AsSlice())
		b[42], b[43] = byte(dport>>8), byte(dport)
		return b
	}
	me, lo, a, b := [4]byte{192, 168, 1, 10}, [4]byte{127, 0, 0, 1}, [4]byte{10, 0, 0, 1}, [4]byte{10, 0, 0, 2}
	ip4, ip6, tag := []byte{8, 0}, []byte{0x86, 0xdd}, []byte{0x81, 0, 0, 7, 8, 0}
	fragment := v4(6, me, a, 8090, 1)
	fragment[7] = 1
	options := append([]byte{0x46}, v4(6, me, a, 0, 0)[1:20]...)
	options = append(options, 0, 0, 0, 0, 0x1f, 0x9a, 0, 1)
	for _, c := range []struct {
		name  string
		link  models.LinkType
		frame []byte
		want  bool
	}{
		{"loopback", 1, packet(ip4, v4(6, lo, lo, 40000, 8090)...), true},
		{"answer", 1, packet(ip4, v4(6, lo, lo, 8090, 40000)...), true},
		{"other port", 1, packet(ip4, v4(6, lo, lo, 40000, 8092)...), false},
		{"own address", 1, packet(ip4, v4(6, a, me, 40000, 8090)...), true},
		{"same port of others", 1, packet(ip4, v4(6, a, b, 40000, 8090)...), false},
		{"UDP", 1, packet(ip4, v4(17, me, b, 8090, 5)...), true},
		{"SCTP", 1, packet(ip4, v4(132, me, b, 8090, 5)...), false},
		{"tagged", 1, packet(tag, v4(6, me, b, 8090, 5)...), true},
		{"fragment", 1, packet(ip4, fragment...), false},
		{"options", 1, packet(ip4, options...), true},
		{"IPv6 loopback", 1, packet(ip6, v6("::1", "::1", 8090)...), true},
		{"IPv6 with zone", 1, packet(ip6, v6("fe80::2", "fe80::1", 8090)...), true},
		{"IPv6 of others", 1, packet(ip6, v6("fe80::2", "fe80::3", 8090)...), false},
		{"raw", models.LinkRaw, v4(6, me, b, 8090, 5), true},
		{"another link", models.LinkLinuxSLL, v4(6, me, b, 8090, 5), false},
		{"ARP", 1, packet([]byte{8, 6}, v4(6, me, b, 8090, 5)...), false},
	} {
		o := NewOwnTraffic([]uint16{8090, 8091}, local)
		if got := o.Match(c.link, c.frame); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		for n := range c.frame { // never a panic
			o.Match(c.link, c.frame[:n])
		}
		if n := testing.AllocsPerRun(10, func() { o.Match(c.link, c.frame) }); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
	if NewOwnTraffic(nil, local).Match(1, packet(ip4, v4(6, lo, lo, 1, 8090)...)) {
		t.Error("no ports match something")
	}
}
