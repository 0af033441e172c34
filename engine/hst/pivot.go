package hst

import "math/bits"

// logOne is 1 bit in the fixed-point form of leaf values.
const logOne = 1 << 16

// fixedLog returns log2(1 + mass/unit) in fixed point, using integers only: each squaring
// of the mantissa yields one more bit of the logarithm.
func fixedLog(mass, unit uint32) uint32 {
	n := uint64(mass) + uint64(unit) // n/unit ≥ 1; unit is a power of two
	top := bits.Len64(n) - 1
	out := uint32(top-bits.TrailingZeros32(unit)) * logOne
	m := n << (31 - top) // mantissa, 1 ≤ m/2^31 < 2
	for bit := uint32(logOne / 2); bit > 0; bit >>= 1 {
		if m = m * m >> 31; m >= 1<<32 {
			m >>= 1
			out += bit
		}
	}
	return out
}

// Pivot adds the current window to the reference, whether it is full or not: mass becomes
// count + Keep·mass. It has no effect if the window has no points.
func (f *Forest) Pivot() {
	if f.learned == 0 {
		return
	}
	depth := f.cfg.Depth
	leaves, total := 1<<depth, 1<<(depth+1)-1
	keep := uint64(f.cfg.Keep*1024 + 0.5)
	for t := range f.cfg.Trees {
		mass, count := f.mass[t*total:(t+1)*total], f.count[t*leaves:(t+1)*leaves]
		for i, c := range count {
			mass[leaves-1+i] = c*f.unit + uint32(uint64(mass[leaves-1+i])*keep>>10)
			count[i] = 0
		}
	}
	f.learned, f.need = 0, f.cfg.Window
	f.windows++
	f.sum()
}

// sum computes the masses of the inner nodes, bottom-up, and the values of the leaves from
// the masses of the leaves.
func (f *Forest) sum() {
	leaves, total := 1<<f.cfg.Depth, 1<<(f.cfg.Depth+1)-1
	for t := range f.cfg.Trees {
		mass := f.mass[t*total : (t+1)*total]
		for i := leaves - 2; i >= 0; i-- {
			mass[i] = mass[2*i+1] + mass[2*i+2]
		}
	}
	f.weigh()
}

// unitOf returns the mass of one learned point: more than 1 if masses decay, so that the
// decay does not round small masses to zero.
func unitOf(cfg Config) uint32 {
	if cfg.Keep > 0 {
		return 64
	}
	return 1
}

// weigh computes the contribution of each leaf to a score from the masses on its path.
func (f *Forest) weigh() {
	total := 1<<(f.cfg.Depth+1) - 1
	f.refSize = f.mass[0] / f.unit
	f.top = float64(fixedLog(f.mass[0], f.unit)) / logOne
	limit := f.limit()
	for t := range f.cfg.Trees {
		v := f.value[t<<f.cfg.Depth : (t+1)<<f.cfg.Depth]
		w := weigher{f: f, mass: f.mass[t*total : (t+1)*total], value: v, limit: limit}
		w.node(0, 0, 0)
	}
}

// limit returns the largest mass that ends a walk.
func (f *Forest) limit() float64 { return f.cfg.SizeLimit * float64(f.mass[0]) }

type weigher struct {
	f     *Forest
	mass  []uint32
	value []uint32
	limit float64
}

// node visits node i at depth k. sum is the contribution of its ancestors (ModeRiver).
func (w *weigher) node(i, k int, sum uint32) {
	r, last := w.mass[i], k == w.f.cfg.Depth
	var v uint32
	switch w.f.cfg.Mode {
	case ModePaper:
		v, last = r<<k, last || float64(r) <= w.limit
	case ModeRiver:
		sum += r << k
		v, last = sum, last || float64(r) < w.limit
	default:
		v, last = fixedLog(r, w.f.unit)+uint32(k)*logOne, last || float64(r) <= w.limit
	}
	if !last {
		w.node(2*i+1, k+1, sum)
		w.node(2*i+2, k+1, sum)
		return
	}
	span := 1 << (w.f.cfg.Depth - k)
	from := (i+1)*span - len(w.value)
	for j := range span {
		w.value[from+j] = v
	}
}
