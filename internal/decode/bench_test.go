package decode

import (
	"math/rand/v2"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/netlyra/netlyra/internal/models"
)

func benchPacket() *models.Packet { return new(models.Packet) }

// benchFrames are frames of Ethernet: plain ones with an IMIX payload of 310 bytes, the
// mean of 7 × 64, 4 × 570 and 1 × 1518 bytes less the headers, and tunnels.
func benchFrames(t testing.TB) map[string]*models.Frame {
	body := make([]byte, 310)
	r := rand.New(rand.NewPCG(5, 6))
	for i := range body {
		body[i] = byte(r.IntN(256))
	}
	e4 := eth(layers.EthernetTypeIPv4)
	tcp := build(t, e4, ip4("10.0.0.1", "10.0.0.2", 6), tcpPorts(40000, 443), gopacket.Payload(body))
	udp := build(t, eth(layers.EthernetTypeIPv6), ip6("2001:db8::1", "2001:db8::2", 17), udpPorts(40000, 443), gopacket.Payload(body))
	tagged := cat(tcp[:12], []byte{0x81, 0, 0, 7}, tcp[12:])
	vxlan := cat(etherBytes(etherIPv4), outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, tcp))
	gre := cat(etherBytes(etherIPv4), outer4(t, 47, []byte{0, 0, 0x65, 0x58}, vxlan))
	return map[string]*models.Frame{
		"tcp": frame(tcp), "udp6": frame(udp), "vlan": frame(tagged), "vxlan": frame(vxlan), "gre+vxlan": frame(gre),
	}
}

// BenchmarkDecode is a whole call. "headers" has captures cut behind the headers, so
// that the entropy costs nothing.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"tcp", "udp6", "vlan", "vxlan", "gre+vxlan"} {
		f := benchFrames(b)[name]
		run := func(kind string, f *models.Frame) {
			b.Run(name+"/"+kind, func(b *testing.B) {
				d, p := New(DefaultConfig()), benchPacket()
				b.ReportAllocs()
				for b.Loop() {
					if err := d.Decode(f, p); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		cut := *f
		cut.Data = f.Data[:len(f.Data)-310]
		run("headers", &cut)
		run("whole", f)
	}
}

func BenchmarkEntropy(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, c := range []struct {
		name string
		n    int
	}{{"6", 6}, {"64", 64}, {"256", 256}, {"imix310", 310}, {"516", 516}, {"1460", 1460}} {
		body := make([]byte, c.n)
		for i := range body {
			body[i] = byte(r.IntN(256))
		}
		b.Run(c.name, func(b *testing.B) {
			var h histogram
			for b.Loop() {
				h.entropy(body)
			}
		})
	}
	// The mean of an IMIX: seven, four and one of the usual sizes.
	sizes := []int{6, 6, 6, 6, 6, 6, 6, 516, 516, 516, 516, 1460}
	body := make([]byte, 1460)
	for i := range body {
		body[i] = byte(r.IntN(256))
	}
	b.Run("imix", func(b *testing.B) {
		var h histogram
		i := 0
		for b.Loop() {
			h.entropy(body[:sizes[i]])
			if i++; i == len(sizes) {
				i = 0
			}
		}
	})
}

func BenchmarkFragments(b *testing.B) {
	whole := big4(b)
	first, last := frame(fragment4(b, whole, 1, 0, 1480)), frame(fragment4(b, whole, 1, 1480, 3008))
	first.Link, last.Link = models.LinkRaw, models.LinkRaw
	d, p := New(DefaultConfig()), benchPacket()
	b.ReportAllocs()
	for b.Loop() {
		_ = d.Decode(first, p)
		if err := d.Decode(last, p); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNoAllocations is the promise of the package.
func TestNoAllocations(t *testing.T) {
	d, p := New(DefaultConfig()), benchPacket()
	for _, s := range samples(t) {
		f := &models.Frame{Link: s.link, Data: s.frame, WireLen: uint32(len(s.frame))}
		if n := testing.AllocsPerRun(20, func() { _ = d.Decode(f, p) }); n != 0 {
			t.Errorf("%s: %v allocations", s.name, n)
		}
	}
	bad := frame([]byte{1, 2, 3})
	if n := testing.AllocsPerRun(20, func() { _ = d.Decode(bad, p) }); n != 0 {
		t.Errorf("a reason: %v allocations", n)
	}
	whole := big4(t)
	first, last := frame(fragment4(t, whole, 1, 0, 1480)), frame(fragment4(t, whole, 1, 1480, 3008))
	first.Link, last.Link = models.LinkRaw, models.LinkRaw
	if n := testing.AllocsPerRun(20, func() { _, _ = d.Decode(first, p), d.Decode(last, p) }); n != 0 {
		t.Errorf("fragments: %v allocations", n)
	}
}
