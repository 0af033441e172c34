package deadletter

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRanges compares ranges with a plain set.
func TestRanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var s ranges
		want := map[int64]bool{}
		for range rng.IntN(60) {
			o, n := rng.Int64N(40), rng.Int64N(max(1, rng.Int64N(6)))
			s.addAll(o, o+n)
			for i := range n + 1 {
				want[o+i] = true
			}
		}
		again, err := parseRanges(s.String())
		if len(s) > 0 && (err != nil || !slices.Equal(again, s)) {
			t.Fatalf("%s became %v: %v", s, again, err)
		}
		for o := range int64(40) {
			if s.has(o) != want[o] {
				t.Fatalf("%s has %d: %v", s, o, s.has(o))
			}
		}
		for i := 1; i < len(s); i++ {
			if s[i].from <= s[i-1].to+1 {
				t.Fatalf("%s could be shorter", s)
			}
		}
	}
	for _, bad := range []string{"x", "5-3", "1-2,2", "-1", "1,,2"} {
		if s, err := parseRanges(bad); err == nil {
			t.Errorf("%q became %v", bad, s)
		}
	}
}
