package decode

import "math"

// Entropy of a payload of n bytes with c[i] bytes of value i is
// log2 n − (Σ c[i]·log2 c[i]) / n (Shannon 1948). The products come from a table, in
// fixed point: integer sums are quicker than float ones and the same on every
// processor, so that the stream and its replay agree to the last digit.
const (
	fixedBits = 32
	tableLen  = 2048 // no count in an Ethernet frame is larger
)

var cLog2 = func() (t [tableLen]uint64) {
	for c := range t {
		t[c] = cLog2Of(uint32(c))
	}
	return t
}()

// cLog2Of is c·log2 c in fixed point. It fits for c below 2^27.
func cLog2Of(c uint32) uint64 {
	if c == 0 {
		return 0
	}
	return uint64(math.Round(float64(c) * math.Log2(float64(c)) * (1 << fixedBits)))
}

// histogram counts byte values. Four tables, so that runs of one value do not wait for
// their own last store. They are zero between calls.
type histogram [4][256]uint32

// entropy is the Shannon entropy of b in hundredths of a bit a byte, rounded: 0…800.
func (h *histogram) entropy(b []byte) uint16 {
	n := uint64(len(b))
	if n < 2 {
		return 0
	}
	var sum uint64
	if n <= 96 {
		sum = h.few(b)
	} else {
		sum = h.many(b)
	}
	total := cLog2At(uint32(n))
	if sum >= total {
		return 0
	}
	// (total−sum)/n bits, times 100, rounded; 8·2^32·100 fits.
	bits := (total - sum) / n
	return uint16((bits*100 + 1<<(fixedBits-1)) >> fixedBits)
}

// few sums over the bytes themselves: cheaper than 256 table entries when they are few.
func (h *histogram) few(b []byte) (sum uint64) {
	t := &h[0]
	for _, v := range b {
		t[v]++
	}
	for _, v := range b {
		sum += cLog2[t[v]]
		t[v] = 0
	}
	return sum
}

// many sums over the tables and clears them.
func (h *histogram) many(b []byte) (sum uint64) {
	t0, t1, t2, t3 := &h[0], &h[1], &h[2], &h[3]
	for len(b) >= 4 {
		t0[b[0]]++
		t1[b[1]]++
		t2[b[2]]++
		t3[b[3]]++
		b = b[4:]
	}
	for _, v := range b {
		t0[v]++
	}
	for i := range t0 {
		c := t0[i] + t1[i] + t2[i] + t3[i]
		sum += cLog2At(c)
	}
	*h = histogram{}
	return sum
}

func cLog2At(c uint32) uint64 {
	if c < tableLen {
		return cLog2[c]
	}
	return cLog2Of(c)
}
