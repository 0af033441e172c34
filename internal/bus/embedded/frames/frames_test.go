package frames

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/embedded/guard"
)

func source(seed uint64) *Source { return New(seed, []string{"a", "b"}, []string{"g"}) }

// TestSameSeedSameFrames checks that a failing seed can be repeated.
func TestSameSeedSameFrames(t *testing.T) {
	for seed := range uint64(5) {
		a, b, other, differ := source(seed), source(seed), source(seed+100), false
		for i := range 500 {
			x, y := a.Next(), b.Next()
			if !bytes.Equal(x, y) {
				t.Fatalf("seed %d: frame %d differs", seed, i)
			}
			differ = differ || !bytes.Equal(x, other.Next())
		}
		if !differ {
			t.Errorf("seeds %d and %d have the same frames", seed, seed+100)
		}
	}
}

// TestRequestsAreWellFormed checks lengths, and that most requests are of keys and versions that
// the guard accepts, with all of them among the frames.
func TestRequestsAreWellFormed(t *testing.T) {
	s, served := source(7), guard.Versions()
	seen, accepted := map[int16]map[int16]bool{}, 0
	const n = 20_000
	for range n {
		b := s.Request()
		if int(binary.BigEndian.Uint32(b)) != len(b)-4 {
			t.Fatalf("a frame of %d bytes claims %d", len(b)-4, binary.BigEndian.Uint32(b))
		}
		key, version := int16(binary.BigEndian.Uint16(b[4:])), int16(binary.BigEndian.Uint16(b[6:]))
		if kmsg.RequestForKey(key) == nil {
			t.Fatalf("request of the unknown key %d", key)
		}
		if v, ok := served[key]; ok && version >= v[0] && version <= v[1] {
			accepted++
		}
		if seen[key] == nil {
			seen[key] = map[int16]bool{}
		}
		seen[key][version] = true
	}
	if accepted < n*3/4 {
		t.Errorf("%d of %d requests are of an accepted version", accepted, n)
	}
	for key, v := range served {
		for version := v[0]; version <= v[1]; version++ {
			if !seen[key][version] {
				t.Errorf("no %s of version %d", kmsg.NameForKey(key), version)
			}
		}
	}
}

// TestWrongLengths checks that the length is wrong in most frames of this kind.
func TestWrongLengths(t *testing.T) {
	s, wrong := source(3), 0
	for range 200 {
		if b := s.wrongLength(); int(binary.BigEndian.Uint32(b)) != len(b)-4 {
			wrong++
		}
	}
	if wrong < 150 {
		t.Errorf("%d of 200 lengths are wrong", wrong)
	}
}

// TestChangedKeepsTheLength checks that a changed frame is still read as one frame.
func TestChangedKeepsTheLength(t *testing.T) {
	s, changed := source(4), 0
	for range 300 {
		b := s.Request()
		before := bytes.Clone(b)
		after := s.changed(b)
		if len(after) != len(before) || !bytes.Equal(after[:4], before[:4]) {
			t.Fatalf("the length changed from %x to %x", before[:4], after[:4])
		}
		if !bytes.Equal(before, after) {
			changed++
		}
	}
	if changed < 250 {
		t.Errorf("%d of 300 frames were changed", changed)
	}
}

// TestBatches checks that batches have a correct length and checksum, and both valid and invalid
// numbers of records.
func TestBatches(t *testing.T) {
	s, valid, invalid := source(5), 0, 0
	for range 500 {
		b := s.batch()
		if int(binary.BigEndian.Uint32(b[8:])) != len(b)-12 {
			t.Fatalf("a batch of %d bytes claims %d", len(b)-12, binary.BigEndian.Uint32(b[8:]))
		}
		if binary.BigEndian.Uint32(b[17:]) != crc32.Checksum(b[21:], crc32.MakeTable(crc32.Castagnoli)) {
			t.Fatal("wrong checksum: the broker would not read the batch")
		}
		if n := int32(binary.BigEndian.Uint32(b[57:])); n >= 1 && n <= 4 {
			valid++
		} else {
			invalid++
		}
	}
	if valid == 0 || invalid == 0 {
		t.Errorf("%d valid and %d invalid numbers of records", valid, invalid)
	}
}
