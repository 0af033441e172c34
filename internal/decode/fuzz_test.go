package decode

import (
	"encoding/binary"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// FuzzFrame decodes any bytes as any link type, with any wire length.
func FuzzFrame(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(uint16(s.link), uint16(0), s.frame)
		f.Add(uint16(s.link), uint16(1000), s.frame)
	}
	for _, s := range messageSamples(f) {
		f.Add(uint16(s.link), uint16(0), s.frame)
	}
	strict := DefaultConfig()
	strict.VerifyChecksums, strict.EntropyBytes = true, 64
	a, b := New(DefaultConfig()), New(strict)
	var p models.Packet
	f.Fuzz(func(t *testing.T, link, cut uint16, data []byte) {
		fr := &models.Frame{Link: models.LinkType(link), WireLen: uint32(len(data)) + uint32(cut), Data: data}
		drain(t, a, fr, &p)
		drain(t, b, fr, &p)
	})
}

// fuzzInside decodes any bytes as what comes behind fixed outer headers: the seeds are
// the samples that begin with the same headers, without them.
func fuzzInside(f *testing.F, outer func(body []byte) []byte, seeds ...[]byte) {
	f.Helper()
	for _, s := range seeds {
		f.Add(s)
	}
	d := New(DefaultConfig())
	var p models.Packet
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 60000 {
			return
		}
		b := outer(body)
		drain(t, d, &models.Frame{Link: models.LinkRaw, WireLen: uint32(len(b)), Data: b}, &p)
		if p.N == 0 {
			t.Fatal("the outer packet is lost")
		}
	})
}

// insideIP puts body into an IPv4 packet with that protocol; checksums stay open.
func insideIP(proto byte) func([]byte) []byte {
	return func(body []byte) []byte {
		h := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}
		binary.BigEndian.PutUint16(h[2:], uint16(20+len(body)))
		return append(h, body...)
	}
}

// insideUDP puts body into a datagram to that port.
func insideUDP(port uint16) func([]byte) []byte {
	return func(body []byte) []byte {
		h := []byte{0xc3, 0x50, 0, 0, 0, 0, 0, 0}
		binary.BigEndian.PutUint16(h[2:], port)
		binary.BigEndian.PutUint16(h[4:], uint16(8+len(body)))
		return insideIP(17)(append(h, body...))
	}
}

// seedsBehind are the tunnel samples with n bytes of headers cut off, of those whose
// outer header has the protocol or, with n of 28, the port.
func seedsBehind(f *testing.F, n int, proto byte, port uint16) (seeds [][]byte) {
	for _, s := range append(tunnelSamples(f), moreTunnelSamples(f)...) {
		b := s.frame
		if b[0] != 0x45 || b[9] != proto {
			continue
		}
		if n == 28 && binary.BigEndian.Uint16(b[22:]) != port && binary.BigEndian.Uint16(b[20:]) != port {
			continue
		}
		seeds = append(seeds, b[n:])
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	return seeds
}

func FuzzGRE(f *testing.F)      { fuzzInside(f, insideIP(47), seedsBehind(f, 20, 47, 0)...) }
func FuzzIPIP(f *testing.F)     { fuzzInside(f, insideIP(4), seedsBehind(f, 20, 4, 0)...) }
func Fuzz6in4(f *testing.F)     { fuzzInside(f, insideIP(41), seedsBehind(f, 20, 41, 0)...) }
func FuzzVXLAN(f *testing.F)    { fuzzInside(f, insideUDP(4789), seedsBehind(f, 28, 17, 4789)...) }
func FuzzGeneve(f *testing.F)   { fuzzInside(f, insideUDP(6081), seedsBehind(f, 28, 17, 6081)...) }
func FuzzGTPU(f *testing.F)     { fuzzInside(f, insideUDP(2152), seedsBehind(f, 28, 17, 2152)...) }
func FuzzTeredo(f *testing.F)   { fuzzInside(f, insideUDP(3544), seedsBehind(f, 28, 17, 3544)...) }
func FuzzAYIYA(f *testing.F)    { fuzzInside(f, insideUDP(5072), seedsBehind(f, 28, 17, 5072)...) }
func FuzzL2TP(f *testing.F)     { fuzzInside(f, insideUDP(1701), seedsBehind(f, 28, 17, 1701)...) }
func FuzzVXLANGPE(f *testing.F) { fuzzInside(f, insideUDP(4790), seedsBehind(f, 28, 17, 4790)...) }
func FuzzMPLSUDP(f *testing.F)  { fuzzInside(f, insideUDP(6635), seedsBehind(f, 28, 17, 6635)...) }
func FuzzEtherIP(f *testing.F)  { fuzzInside(f, insideIP(97), seedsBehind(f, 20, 97, 0)...) }
func FuzzGREUDP(f *testing.F)   { fuzzInside(f, insideUDP(4754), seedsBehind(f, 28, 17, 4754)...) }

// FuzzFragments plays a series of fragments: four bytes each give datagram, offset,
// length and flag, and the clock.
func FuzzFragments(f *testing.F) {
	f.Add([]byte{0, 0, 10, 1, 0, 10, 10, 0})
	f.Add([]byte{0, 10, 10, 0, 0, 0, 11, 1, 1, 5, 5, 1, 1, 0, 5, 3})
	f.Fuzz(func(t *testing.T, script []byte) {
		cfg := DefaultConfig()
		cfg.MaxDatagrams, cfg.MaxFragmentBytes = 3, 48<<10
		d := New(cfg)
		var p models.Packet
		var now models.Timestamp
		var in, out, held uint64
		for ; len(script) >= 4; script = script[4:] {
			id, offset, n, flags := script[0]&3, uint16(script[1])*32, int(script[2])*8, script[3]
			b := insideIP(17)(make([]byte, n))
			b[5] = id
			if flags&1 != 0 {
				offset |= 0x2000
			}
			binary.BigEndian.PutUint16(b[6:], offset)
			now += models.Timestamp(flags>>2) * 1e9
			fr := &models.Frame{Link: models.LinkRaw, WireLen: uint32(len(b)), Data: b, TS: now}
			in += uint64(fr.WireLen)
			switch d.Decode(fr, &p) {
			case nil:
				out += uint64(p.Meta.WireLen)
			case FragmentHeld:
				held++
			default:
				in -= uint64(fr.WireLen)
			}
			if out > in {
				t.Fatalf("%d bytes came out of %d", out, in)
			}
			if d.frags.memory > cfg.MaxFragmentBytes || d.frags.count > cfg.MaxDatagrams {
				t.Fatalf("memory %d, datagrams %d", d.frags.memory, d.frags.count)
			}
		}
	})
}
