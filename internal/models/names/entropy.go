package names

import "math"

// cLog2 has c·log2 c in fixed point: integer sums are equal on every processor.
var cLog2 = func() (t [MaxLen + 1]uint64) {
	for c := 1; c < len(t); c++ {
		t[c] = uint64(math.Round(float64(c) * math.Log2(float64(c)) * fixed))
	}
	return t
}()

const fixed = 1 << 32

// entropy returns the Shannon entropy of the characters of b, without dots, in hundredths of a
// bit per character: 0…800.
func entropy(b []byte) uint16 {
	var counts [256]uint8
	n := 0
	for _, c := range b {
		if c != '.' {
			counts[c]++
			n++
		}
	}
	if n < 2 {
		return 0
	}
	sum := uint64(0)
	for _, c := range b {
		if k := counts[c]; k > 0 && c != '.' {
			sum += cLog2[k]
			counts[c] = 0
		}
	}
	if sum >= cLog2[n] {
		return 0
	}
	bits := (cLog2[n] - sum) / uint64(n)
	return uint16((bits*100 + fixed/2) / fixed)
}
