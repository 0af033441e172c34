package decode

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// part is one fragment of a test datagram, in bytes of the payload of IP.
type part struct{ lo, hi int }

// drawParts cuts n bytes at random multiples of 8, in random order, with overlaps and
// repetitions.
func drawParts(rng *rand.Rand, n int) []part {
	var out []part
	for lo := 0; lo < n; {
		hi := min(n, lo+8*(1+rng.IntN(80)))
		out = append(out, part{lo, hi})
		lo = hi
	}
	for range rng.IntN(4) { // extra ones within the datagram
		lo := 8 * rng.IntN(n/8)
		out = append(out, part{lo, min(n, lo+8*(1+rng.IntN(60)))})
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// TestAnyOrderReassembles: however a datagram is cut and in whatever order the fragments
// arrive, it is complete with the fragment that closes the last hole, and equals the original.
func TestAnyOrderReassembles(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 50))
	want := big()
	for round := range 400 {
		version, whole := 4, big4(t)
		header := 20
		if round%2 == 1 {
			version, whole, header = 6, big6(t), 40
		}
		n := len(whole) - header
		parts := drawParts(rng, n)
		d := New(DefaultConfig())
		covered := make([]bool, n)
		missing := n
		for i, f := range parts {
			var b []byte
			if version == 4 {
				b = fragment4(t, whole, 9, f.lo, f.hi)
			} else {
				b = fragmentV6(t, whole, 9, f.lo, f.hi)
			}
			for j := f.lo; j < f.hi; j++ {
				if !covered[j] {
					covered[j] = true
					missing--
				}
			}
			var p models.Packet
			err := d.Decode(&models.Frame{Link: models.LinkRaw, WireLen: uint32(len(b)), Data: b}, &p)
			if missing > 0 {
				if err != FragmentHeld {
					t.Fatalf("round %d: fragment %d of %v with %d bytes missing: %v", round, i, parts, missing, err)
				}
				continue
			}
			if err != nil || !bytes.Equal(p.Inner().Payload, want) || p.Inner().DstPort != 2222 {
				t.Fatalf("round %d: the last fragment of %v: %v", round, parts, err)
			}
			break
		}
		if s := d.Stats(); s.Datagrams != 1 || s.Conflicts != 0 || s.Evicted != 0 {
			t.Fatalf("round %d: %+v", round, s)
		}
	}
}

// TestInterleavedDatagrams: fragments of many datagrams in random order go to their own
// datagram; ids and addresses keep them apart.
func TestInterleavedDatagrams(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 51))
	type sent struct {
		id     uint16
		source byte
		part
	}
	var all []sent
	const datagrams = 60
	for i := range datagrams {
		for _, f := range []part{{0, 1000}, {1000, 2000}, {2000, 3008}} {
			all = append(all, sent{uint16(i % 20), byte(1 + i/20), f}) // each id is used by three sources
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	d := New(DefaultConfig())
	got := map[[2]int]int{}
	for _, s := range all {
		whole := big4(t)
		whole[28], whole[29] = s.source, byte(s.id) // the first bytes of the payload of UDP
		b := fragment4(t, whole, s.id, s.lo, s.hi)
		b[15] = s.source
		var p models.Packet
		err := d.Decode(&models.Frame{Link: models.LinkRaw, WireLen: uint32(len(b)), Data: b}, &p)
		if err == FragmentHeld {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		l := p.Inner()
		if a := l.Src.As4(); a[3] != s.source || l.Payload[0] != s.source || l.Payload[1] != byte(s.id) || len(l.Payload) != 3000 {
			t.Fatalf("datagram %d of %v has the payload of %d of %d", s.id, l.Src, l.Payload[1], l.Payload[0])
		}
		got[[2]int{int(s.source), int(s.id)}]++
	}
	if len(got) != datagrams {
		t.Errorf("%d datagrams, want %d", len(got), datagrams)
	}
	if d.frags.oldest != nil || len(d.frags.index) != 0 {
		t.Errorf("%d datagrams remain", len(d.frags.index))
	}
}

// TestExpiryIsByEventTime: a datagram is dropped after the time-out of its first fragment,
// which later fragments do not extend.
func TestExpiryIsByEventTime(t *testing.T) {
	for _, timeout := range []time.Duration{time.Second, time.Minute} {
		for _, late := range []time.Duration{timeout - 1, timeout, timeout + 1} {
			cfg := DefaultConfig()
			cfg.FragmentTimeout = timeout
			d := New(cfg)
			send := func(at time.Duration, f part) error {
				b := fragment4(t, big4(t), 3, f.lo, f.hi)
				var p models.Packet
				return d.Decode(&models.Frame{Link: models.LinkRaw, WireLen: uint32(len(b)), Data: b, TS: models.Timestamp(1e18 + int64(at))}, &p)
			}
			first, second := send(0, part{0, 800}), send(timeout/2, part{800, 1600})
			last := send(late, part{1600, 3008})
			if first != FragmentHeld || second != FragmentHeld {
				t.Fatalf("%v, %v", first, second)
			}
			expired := late > timeout
			if want := map[bool]error{true: FragmentHeld, false: nil}[expired]; last != want || d.Stats().Expired != map[bool]uint64{true: 1}[expired] {
				t.Errorf("time-out of %v, last fragment after %v: %v, %+v", timeout, late, last, d.Stats())
			}
		}
	}
}

// TestFirstBytesWin: of overlapping fragments with different bytes the first stay, whatever
// their order, and the conflict is counted.
func TestFirstBytesWin(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 52))
	for range 200 {
		whole := big4(t)
		n := len(whole) - 20
		want := make([]byte, n)
		set := make([]bool, n)
		d := New(DefaultConfig())
		conflict := false
		for _, f := range drawParts(rng, n) {
			other := cat(whole)
			if f.lo > 8 { // the header of UDP stays, so that the datagram is decoded
				for i := 20 + f.lo; i < 20+f.hi; i++ {
					other[i] ^= byte(rng.IntN(2))
				}
			}
			for i := f.lo; i < f.hi; i++ {
				if !set[i] {
					set[i], want[i] = true, other[20+i]
				} else if want[i] != other[20+i] {
					conflict = true
				}
			}
			var p models.Packet
			b := fragment4(t, other, 5, f.lo, f.hi)
			if err := d.Decode(&models.Frame{Link: models.LinkRaw, WireLen: uint32(len(b)), Data: b}, &p); err == nil {
				if !bytes.Equal(p.Inner().Payload, want[8:]) {
					t.Fatal("a later fragment replaced bytes of an earlier one")
				}
				break
			}
		}
		if s := d.Stats(); s.Datagrams != 1 || (s.Conflicts > 0) != conflict {
			t.Fatalf("%+v, conflict %v", s, conflict)
		}
	}
}

// TestTooManyParts: a datagram of more separate parts than the limit is dropped, so that a
// hostile sender cannot make each insertion slow.
func TestTooManyParts(t *testing.T) {
	d := New(DefaultConfig())
	whole := big4(t)
	var p models.Packet
	for i := range maxRanges + 1 {
		lo := 16 * i // every second unit, so that no two touch
		b := fragment4(t, whole, 1, lo, lo+8)
		if err := d.Decode(&models.Frame{Link: models.LinkRaw, WireLen: uint32(len(b)), Data: b}, &p); err != FragmentHeld {
			t.Fatalf("fragment %d: %v", i, err)
		}
	}
	if s := d.Stats(); s.Evicted != 1 || len(d.frags.index) != 0 {
		t.Errorf("%+v, %d datagrams wait", s, len(d.frags.index))
	}
}

// TestFragmentOffsets has the largest offsets: what ends beyond 64 KiB is refused.
func TestFragmentOffsets(t *testing.T) {
	base := outer4(t, 17, make([]byte, 24))
	for _, c := range []struct {
		offset int // in bytes
		want   Reason
	}{{8, FragmentHeld}, {65512, FragmentBad}, {65504, FragmentHeld}, {65528, FragmentBad}} {
		b := cat(base)
		binary.BigEndian.PutUint16(b[6:], 0x2000|uint16(c.offset/8))
		if _, err := decodeOne(t, models.LinkRaw, b); err != c.want {
			t.Errorf("24 bytes at %d: %v, want %v", c.offset, err, c.want)
		}
	}
}
