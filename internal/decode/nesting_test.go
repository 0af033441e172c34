package decode

import (
	"math/rand/v2"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestMaxTunnelsBoundsTheLayers: of a frame with many nested tunnels, as many layers are
// decoded as the setting allows, the rest is counted, and the outer packet is kept.
func TestMaxTunnelsBoundsTheLayers(t *testing.T) {
	for limit := range models.MaxTunnels + 1 {
		for depth := range models.MaxTunnels + 3 {
			b := []byte(inner4(t))
			for range depth {
				b = outer4(t, 4, b)
			}
			cfg := DefaultConfig()
			cfg.MaxTunnels = limit
			d := New(cfg)
			f := frame(b)
			f.Link = models.LinkRaw
			var p models.Packet
			if err := d.Decode(f, &p); err != nil {
				t.Fatalf("limit %d, depth %d: %v", limit, depth, err)
			}
			want := min(limit, depth) + 1
			skipped := map[bool]uint64{true: 1}[depth > limit]
			if p.N != want || d.Stats().InnerSkip[TooManyTunnels] != skipped {
				t.Errorf("limit %d, depth %d: %d layers, %v skipped; want %d, %d", limit, depth, p.N, d.Stats().InnerSkip, want, skipped)
			}
			for i := range p.N {
				if l := &p.Layers[i]; l.Tunnel.Len() != i {
					t.Errorf("limit %d, depth %d: layer %d is in %q", limit, depth, i, l.Tunnel)
				}
			}
			if whole := depth <= limit; whole != (p.Meta.DstPort == 80) {
				t.Errorf("limit %d, depth %d: meta has port %d", limit, depth, p.Meta.DstPort)
			}
		}
	}
}

// TestTagsAtTheLimit: as many tags as the limit allows are read, one more is refused.
func TestTagsAtTheLimit(t *testing.T) {
	for tags := 1; tags <= maxHeaders+2; tags++ {
		b := etherBytes(etherVLAN)
		for i := 1; i <= tags; i++ {
			next := []byte{0x81, 0}
			if i == tags {
				next = []byte{8, 0}
			}
			b = append(append(b, 0, byte(i)), next...)
		}
		p, err := decodeOne(t, models.LinkEthernet, cat(b, inner4(t)))
		if fits := tags < maxHeaders; fits != (err == nil) || !fits && err != TooManyHeaders {
			t.Errorf("%d tags: %v", tags, err)
		}
		if err == nil && (p.Meta.VLAN != 1 || tags > 1 && p.Meta.InnerVLAN != 2 || tags == 1 && p.Meta.InnerVLAN != 0) {
			t.Errorf("%d tags: VLAN %d and %d", tags, p.Meta.VLAN, p.Meta.InnerVLAN)
		}
	}
}

// TestDecoderKeepsNoState: a frame gives the same packet in a new decoder as in one that has
// decoded other frames in any order a minute before.
func TestDecoderKeepsNoState(t *testing.T) {
	list := samples(t)
	rng := rand.New(rand.NewPCG(11, 55))
	used := New(DefaultConfig())
	for i := range 3 * len(list) {
		s := list[rng.IntN(len(list))]
		if s.link == models.LinkIEEE80211 {
			continue // aggregates have several packets, see More
		}
		// Later than a refuted flow is remembered: some samples refute the flow of others.
		f := &models.Frame{Link: s.link, Data: s.frame, WireLen: uint32(len(s.frame)), TS: models.Timestamp(i+1) * refutedFor}
		var a, b models.Packet
		fresh := New(DefaultConfig())
		errA, errB := used.Decode(f, &a), fresh.Decode(f, &b)
		if errA != errB || a.N != b.N || a.Meta != b.Meta {
			t.Fatalf("%s: %v with %d layers, a new decoder %v with %d", s.name, errA, a.N, errB, b.N)
		}
		for i := range a.N {
			if x, y := brief(&a.Layers[i]), brief(&b.Layers[i]); x != y {
				t.Errorf("%s: layer %d is %s, in a new decoder %s", s.name, i, x, y)
			}
		}
	}
}

// TestChangedBytesNeverPanic changes random bytes of all samples and checks what must hold
// for any frame.
func TestChangedBytesNeverPanic(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 56))
	d := New(DefaultConfig())
	var p models.Packet
	for _, s := range samples(t) {
		for range 200 {
			b := cat(s.frame)
			for range 1 + rng.IntN(4) {
				b[rng.IntN(len(b))] = byte(rng.Uint32())
			}
			drain(t, d, &models.Frame{Link: s.link, Data: b[:rng.IntN(len(b)+1)], WireLen: uint32(rng.IntN(2000)), TS: models.Timestamp(rng.Int64N(1e12))}, &p)
		}
	}
}
