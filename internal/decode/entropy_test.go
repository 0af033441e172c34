package decode

import (
	"math"
	"math/rand/v2"
	"testing"
)

// naiveEntropy is the definition.
func naiveEntropy(b []byte) float64 {
	var c [256]int
	for _, v := range b {
		c[v]++
	}
	var h float64
	for _, n := range c {
		if n > 0 {
			q := float64(n) / float64(len(b))
			h -= q * math.Log2(q)
		}
	}
	return h
}

func TestEntropy(t *testing.T) {
	var h histogram
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 3, 5, 64, 95, fewBytes, fewBytes + 1, 255, 256, 1000, 1460, tableLen - 1, tableLen, 9000, 65535, 200000} {
		for _, values := range []int{1, 2, 3, 16, 200, 256} {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(r.IntN(values))
			}
			got, want := h.entropy(b), naiveEntropy(b)*100
			if n < 2 {
				want = 0
			}
			if math.Abs(float64(got)-want) > 0.5+1e-6 {
				t.Errorf("%d bytes of %d values: %d, want %.3f", n, values, got, want)
			}
			if got > 800 {
				t.Errorf("%d bytes of %d values: %d", n, values, got)
			}
		}
	}
	if h != (histogram{}) {
		t.Fatal("the tables still count")
	}
	all := make([]byte, 1024)
	for i := range all {
		all[i] = byte(i)
	}
	if got := h.entropy(all); got != 800 {
		t.Errorf("all values alike: %d, want 800", got)
	}
}

// TestEntropyWays: the ways to sum agree exactly.
func TestEntropyWays(t *testing.T) {
	var h histogram
	r := rand.New(rand.NewPCG(3, 4))
	for n := 2; n < 400; n++ {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.IntN(1 + n%256))
		}
		few := h.few(b)
		h.count(b)
		many := h.sum()
		h.count(b)
		if large := h.sumLarge(); few != many || few != large {
			t.Fatalf("%d bytes: %d, %d and %d", n, few, many, large)
		}
	}
}

func TestEntropyCap(t *testing.T) {
	cfg := DefaultConfig()
	cfg.EntropyBytes = 4
	d := New(cfg)
	f, p := benchFrames(t)["tcp"], benchPacket()
	if err := d.Decode(f, p); err != nil {
		t.Fatal(err)
	}
	if want := uint16(math.Round(naiveEntropy(p.Inner().Payload[:4]) * 100)); p.Meta.Entropy != want {
		t.Errorf("entropy of the first four bytes: %d, want %d", p.Meta.Entropy, want)
	}
}
