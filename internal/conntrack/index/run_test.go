package index

import (
	"math/rand/v2"
	"testing"
)

// lookup returns whether record ref is found under tag, and the number of places examined.
func lookup(x *Index, tag, ref uint32) (found bool, probes int) {
	for i := tag & x.Mask; x.Places[i].Ref != 0; i = (i + 1) & x.Mask {
		probes++
		if x.Places[i] == (Place{tag, ref + 1}) {
			return true, probes
		}
	}
	return false, probes
}

// TestGrowsBeforeItIsFull: a look-up ends at an empty place, so that a full index would never
// end. The load stays at or below three quarters and every record survives growth.
func TestGrowsBeforeItIsFull(t *testing.T) {
	x := New()
	rng := rand.New(rand.NewPCG(11, 8))
	tags := make([]uint32, 100_000)
	for ref := range tags {
		tags[ref] = rng.Uint32()
		x.Insert(tags[ref], uint32(ref))
		if 4*uint64(x.Used()) > 3*uint64(len(x.Places)) || x.Mask != uint32(len(x.Places)-1) {
			t.Fatalf("%d records in %d places, mask %x", x.Used(), len(x.Places), x.Mask)
		}
	}
	total := 0
	for ref, tag := range tags {
		ok, probes := lookup(&x, tag, uint32(ref))
		if !ok {
			t.Fatalf("record %d is lost", ref)
		}
		total += probes
	}
	// Linear probing at a load of 3/4 needs 2.5 probes on average (Knuth, volume 3, 6.4).
	if mean := float64(total) / float64(len(tags)); mean > 2.6 {
		t.Errorf("%.2f probes per look-up, want at most 2.6", mean)
	}
}

// TestRunAcrossTheEnd: records whose run wraps to the first places are found, and stay found
// while others of the run are removed in any order.
func TestRunAcrossTheEnd(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 9))
	for range 200 {
		x := New()
		const n = 12
		var tags [n]uint32
		for ref := range uint32(n) {
			tags[ref] = x.Mask - uint32(rng.IntN(4)) + uint32(rng.IntN(3))<<20
			x.Insert(tags[ref], ref)
		}
		order := rng.Perm(n)
		for i, gone := range order {
			x.Remove(tags[gone], uint32(gone))
			if ok, _ := lookup(&x, tags[gone], uint32(gone)); ok {
				t.Fatalf("record %d was not removed", gone)
			}
			for _, ref := range order[i+1:] {
				if ok, _ := lookup(&x, tags[ref], uint32(ref)); !ok {
					t.Fatalf("record %d with tag %x is lost after %d removals", ref, tags[ref], i+1)
				}
			}
		}
		for i, p := range x.Places {
			if p != (Place{}) {
				t.Fatalf("place %d holds %+v in an empty index", i, p)
			}
		}
	}
}

// TestRemoveOfAbsentRecord changes nothing: a wrong tag, a wrong record, an empty index.
func TestRemoveOfAbsentRecord(t *testing.T) {
	x := New()
	x.Remove(5, 1)
	x.Insert(5, 1)
	x.Insert(5, 2)
	x.Remove(6, 1) // the run of tag 6 begins at another place, which record 2 occupies
	x.Remove(5, 3)
	x.Remove(900, 1)
	for _, ref := range []uint32{1, 2} {
		if ok, _ := lookup(&x, 5, ref); !ok {
			t.Errorf("record %d is lost", ref)
		}
	}
	if x.Used() != 2 {
		t.Errorf("%d records, want 2", x.Used())
	}
}
