package decode

import "math"

// Entropy of a payload of n bytes with c[i] bytes of value i is
// log2 n − (Σ c[i]·log2 c[i]) / n (Shannon 1948). The products are in a table, in fixed
// point: integer sums are faster than floating-point sums and equal on every processor, so
// that live scoring and replay agree exactly.
const (
	fixedBits = 32
	tableLen  = 2048 // a power of two: smaller payloads need only the table
	fewBytes  = 160  // up to this size summing per byte is faster than summing per value
)

// cLog2 has c·log2 c, step the increase for one more byte of a value.
var cLog2, step = func() (t, s [tableLen]uint64) {
	for c := range t {
		t[c] = cLog2Of(uint32(c))
		s[c] = cLog2Of(uint32(c+1)) - t[c]
	}
	return t, s
}()

// cLog2Of returns c·log2 c in fixed point, for c below 2^27.
func cLog2Of(c uint32) uint64 {
	if c == 0 {
		return 0
	}
	return uint64(math.Round(float64(c) * math.Log2(float64(c)) * (1 << fixedBits)))
}

// histogram counts byte values. The tables are zero between calls. Long payloads use two, so
// that repeated values do not depend on the previous store.
type histogram struct {
	short [256]uint16
	even  [256]uint32
	odd   [256]uint32
}

// entropy returns the Shannon entropy of b in hundredths of a bit per byte, rounded: 0…800.
func (h *histogram) entropy(b []byte) uint16 {
	n := uint64(len(b))
	if n < 2 {
		return 0
	}
	var sum, total uint64
	switch {
	case n <= fewBytes:
		sum, total = h.few(b), cLog2[n]
	case n < tableLen:
		h.count(b)
		sum, total = h.sum(), cLog2[n]
	default:
		h.count(b)
		sum, total = h.sumLarge(), cLog2Of(uint32(n))
	}
	if sum >= total {
		return 0
	}
	// (total−sum)/n is in bits; 8·2^32·100 fits.
	bits := (total - sum) / n
	return uint16((bits*100 + 1<<(fixedBits-1)) >> fixedBits)
}

// few sums while it counts.
func (h *histogram) few(b []byte) (sum uint64) {
	t := &h.short
	for len(b) >= 4 {
		v0, v1, v2, v3 := b[0], b[1], b[2], b[3]
		c := t[v0]
		sum += step[c&(tableLen-1)]
		t[v0] = c + 1
		c = t[v1]
		sum += step[c&(tableLen-1)]
		t[v1] = c + 1
		c = t[v2]
		sum += step[c&(tableLen-1)]
		t[v2] = c + 1
		c = t[v3]
		sum += step[c&(tableLen-1)]
		t[v3] = c + 1
		b = b[4:]
	}
	for _, v := range b {
		c := t[v]
		sum += step[c&(tableLen-1)]
		t[v] = c + 1
	}
	*t = [256]uint16{}
	return sum
}

// count counts the bytes in the two tables.
func (h *histogram) count(b []byte) {
	even, odd := &h.even, &h.odd
	for len(b) >= 8 {
		even[b[0]]++
		odd[b[1]]++
		even[b[2]]++
		odd[b[3]]++
		even[b[4]]++
		odd[b[5]]++
		even[b[6]]++
		odd[b[7]]++
		b = b[8:]
	}
	for _, v := range b {
		even[v]++
	}
}

// sum returns Σ c·log2 c of the tables, for counts below tableLen, and clears them.
func (h *histogram) sum() uint64 {
	even, odd := &h.even, &h.odd
	var s, t uint64
	for i := 0; i < 256; i += 2 {
		s += cLog2[(even[i]+odd[i])&(tableLen-1)]
		t += cLog2[(even[i+1]+odd[i+1])&(tableLen-1)]
	}
	*even, *odd = [256]uint32{}, [256]uint32{}
	return s + t
}

// sumLarge is like sum for counts of any size.
func (h *histogram) sumLarge() (s uint64) {
	for i := range h.even {
		if c := h.even[i] + h.odd[i]; c < tableLen {
			s += cLog2[c]
		} else {
			s += cLog2Of(c)
		}
	}
	h.even, h.odd = [256]uint32{}, [256]uint32{}
	return s
}
