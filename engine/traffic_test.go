package engine

import (
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// traffic generates packets of a small office, so that tests need no capture.
type traffic struct {
	rnd  *rand.Rand
	list []models.PacketMeta
}

func newTraffic(seed uint64) *traffic { return &traffic{rnd: rand.New(rand.NewPCG(seed, 99))} }

func addr(a, b, c, d byte) netip.Addr { return netip.AddrFrom4([4]byte{a, b, c, d}) }

func (t *traffic) packet(at float64, src, dst netip.Addr, sp, dp uint16, p models.Proto, f models.TCPFlags, size uint32) {
	m := models.PacketMeta{TS: models.Timestamp(1.7e18) + models.Timestamp(at*1e9), Src: src, Dst: dst, SrcPort: sp, DstPort: dp,
		Proto: p, Flags: f, PayloadLen: size, IPLen: size + 40, WireLen: size + 54, TTL: 64}
	switch {
	case size > 0 && (sp == 53 || dp == 53):
		m.Entropy = uint16(370 + t.rnd.IntN(70))
	case size > 0:
		m.Entropy = uint16(400 + t.rnd.IntN(390))
	}
	t.list = append(t.list, m)
}

// request is a TCP connection with a request and a response.
func (t *traffic) request(at float64, src, dst netip.Addr, sp, dp uint16, up, down int) {
	const ack, psh = models.FlagACK, models.FlagACK | models.FlagPSH
	t.packet(at, src, dst, sp, dp, models.ProtoTCP, models.FlagSYN, 0)
	t.packet(at+.01, dst, src, dp, sp, models.ProtoTCP, models.FlagSYN|ack, 0)
	t.packet(at+.011, src, dst, sp, dp, models.ProtoTCP, ack, 0)
	at += .012
	for ; up > 0; up -= 1460 {
		t.packet(at, src, dst, sp, dp, models.ProtoTCP, psh, uint32(min(up, 1460)))
		at += .0005
	}
	for i := 0; down > 0; down -= 1460 {
		t.packet(at, dst, src, dp, sp, models.ProtoTCP, psh, uint32(min(down, 1460)))
		if i++; i%2 == 0 {
			t.packet(at+.0001, src, dst, sp, dp, models.ProtoTCP, ack, 0)
		}
		at += .0005
	}
	t.packet(at, src, dst, sp, dp, models.ProtoTCP, models.FlagFIN|ack, 0)
	t.packet(at+.001, dst, src, dp, sp, models.ProtoTCP, models.FlagFIN|ack, 0)
	t.packet(at+.002, src, dst, sp, dp, models.ProtoTCP, ack, 0)
}

// office generates DNS and web traffic of several hosts, from start for span seconds.
func (t *traffic) office(start, span float64, hosts int) {
	for h := range hosts {
		src := addr(10, 0, 0, byte(10+h))
		for at := start + t.rnd.ExpFloat64()*4; at < start+span; at += t.rnd.ExpFloat64() * 4 {
			sp := uint16(32768 + t.rnd.IntN(28000))
			t.packet(at, src, addr(10, 0, 0, 1), sp, 53, models.ProtoUDP, 0, uint32(30+t.rnd.IntN(40)))
			t.packet(at+.004, addr(10, 0, 0, 1), src, 53, sp, models.ProtoUDP, 0, uint32(60+t.rnd.IntN(200)))
			dst := addr(93, 184, byte(t.rnd.IntN(4)), byte(t.rnd.IntN(60)))
			port := []uint16{443, 443, 443, 80, 993}[t.rnd.IntN(5)]
			t.request(at+.01, src, dst, sp, port, 200+t.rnd.IntN(2000), int(500*t.rnd.ExpFloat64()*float64(1+t.rnd.IntN(40))))
		}
	}
}

// scan generates SYNs to many ports, all refused.
func (t *traffic) scan(start float64, src, dst netip.Addr, ports int, gap float64) {
	for i := range ports {
		at, port := start+float64(i)*gap, uint16(1+i*7)
		t.packet(at, src, dst, 41000, port, models.ProtoTCP, models.FlagSYN, 0)
		t.packet(at+.0002, dst, src, port, 41000, models.ProtoTCP, models.FlagRST|models.FlagACK, 0)
	}
}

func (t *traffic) sorted() []models.PacketMeta {
	slices.SortStableFunc(t.list, func(a, b models.PacketMeta) int { return int(a.TS - b.TS) })
	return t.list
}

// scanned is ten minutes of office traffic with a scan by 10.0.0.66 after five minutes.
func scanned(seed uint64) []models.PacketMeta {
	t := newTraffic(seed)
	t.office(0, 600, 8)
	t.scan(300, addr(10, 0, 0, 66), addr(10, 0, 0, 10), 300, .02)
	return t.sorted()
}
