package hst

import "math"

// Attribute writes to out, for each feature, the sum of the surprise of its splits on the
// path of x through all trees: −log2((r_child+½)/(r_parent+1)) − 1 bits at each node down
// to the end of the walk, which is 0 where the mass halves. out must have Config.Features
// values. A large value contributes to an anomaly, a negative value is typical. Before the
// first pivot all values are 0.
func (f *Forest) Attribute(x, out []float64) {
	clear(out)
	if f.refSize == 0 {
		return
	}
	f.quantise(x)
	per, total := 1<<f.cfg.Depth-1, 1<<(f.cfg.Depth+1)-1
	limit, unit := f.limit(), float64(f.unit)
	for t := range f.cfg.Trees {
		inner, mass := f.inner[t*per:(t+1)*per], f.mass[t*total:(t+1)*total]
		for i := uint32(0); int(i) < per && float64(mass[i]) > limit; {
			child := step(inner, &f.point, i)
			share := (float64(mass[child])/unit + 0.5) / (float64(mass[i])/unit + 1)
			if q := int(inner[i].feature()); q < len(out) {
				out[q] -= math.Log2(share) + 1
			}
			i = child
		}
	}
}
