package hst

import "math"

// Forest is a set of half-space trees over one stream. Make it with New.
type Forest struct {
	cfg   Config
	space space
	inner []node // Trees × (2^Depth − 1), each tree in level order
	// leaves, Trees × 2^Depth
	value []uint32 // contribution to the sum of the score; see pivot.go
	count []uint32 // points learned in the current window

	mass    []uint32 // reference, Trees × (2^(Depth+1) − 1), level order
	refSize uint32   // points in the reference
	learned int      // points in the current window
	windows uint64   // completed windows
	need    int      // points that complete the current window
	unit    uint32   // mass of one point
	top     float64  // ModeDefault: log2(1 + refSize)
	point   [MaxFeatures]uint16
	leaf    []uint32 // reached by the last descent, by tree
}

// New builds a forest. The structure of its trees depends only on cfg.
func New(cfg Config) (*Forest, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	leaves := 1 << cfg.Depth
	f := &Forest{
		cfg: cfg, space: spaceOf(cfg.Mode), inner: build(cfg),
		value: make([]uint32, cfg.Trees*leaves), count: make([]uint32, cfg.Trees*leaves),
		mass: make([]uint32, cfg.Trees*(2*leaves-1)), need: cfg.FirstWindow,
		unit: unitOf(cfg), leaf: make([]uint32, cfg.Trees),
	}
	return f, nil
}

// Config returns the configuration, with defaults in place of zero values.
func (f *Forest) Config() Config { return f.cfg }

// Ready reports whether the forest has a reference profile. Until then every score is 0.
func (f *Forest) Ready() bool { return f.refSize > 0 }

// Windows returns the number of windows that were added to the reference.
func (f *Forest) Windows() uint64 { return f.windows }

// Size returns the number of points that the reference represents.
func (f *Forest) Size() int { return int(f.refSize) }

// Pending returns the number of points that were learned in the current window.
func (f *Forest) Pending() int { return f.learned }

// Score returns the score of x against the reference; higher is more anomalous, see the
// package comment for the range. x should have Config.Features values: missing ones count
// as lowest, excess ones are ignored.
func (f *Forest) Score(x []float64) float64 {
	f.quantise(x)
	return f.toScore(f.descend())
}

// Learn counts x in the current window and pivots when the window is full.
func (f *Forest) Learn(x []float64) {
	f.quantise(x)
	f.descend()
	f.LearnLast()
}

// ScoreLearn is Score followed by Learn, with a single descent.
func (f *Forest) ScoreLearn(x []float64) float64 {
	s := f.Score(x)
	f.LearnLast()
	return s
}

// LearnLast learns the point that was scored last, without another descent, so that a
// caller can decide by the score whether to learn.
func (f *Forest) LearnLast() {
	shift := f.cfg.Depth
	for t, l := range f.leaf {
		f.count[t<<shift|int(l)]++
	}
	if f.learned++; f.learned >= f.need {
		f.Pivot()
	}
}

func (f *Forest) quantise(x []float64) {
	n := f.cfg.Features
	for i := range n {
		v := math.Inf(-1)
		if i < len(x) {
			v = x[i]
		}
		f.point[i] = f.space.quantise(v)
	}
}

// step returns the child of node i (in level order) for the point x: 2i+2 if the value is
// at least the threshold, else 2i+1. The sign bit of the difference replaces a branch.
func step(inner []node, x *[MaxFeatures]uint16, i uint32) uint32 {
	n := inner[i]
	return 2*i + 2 - uint32(int32(x[n.feature()])-int32(n.threshold()))>>31
}

// descend finds the leaf of the quantised point in every tree and returns the sum of
// their values.
func (f *Forest) descend() uint64 {
	per, depth := 1<<f.cfg.Depth-1, f.cfg.Depth
	x, sum, t := &f.point, uint64(0), 0
	for ; t+5 <= f.cfg.Trees; t += 5 {
		base := t * per
		a, b, c, d, e := f.inner[base:base+per], f.inner[base+per:base+2*per], f.inner[base+2*per:base+3*per],
			f.inner[base+3*per:base+4*per], f.inner[base+4*per:base+5*per]
		var i, j, k, l, m uint32
		for range depth {
			i, j, k, l, m = step(a, x, i), step(b, x, j), step(c, x, k), step(d, x, l), step(e, x, m)
		}
		first := uint32(per)
		v, leaf := f.value[t<<depth:(t+5)<<depth], f.leaf[t:t+5]
		leaf[0], leaf[1], leaf[2], leaf[3], leaf[4] = i-first, j-first, k-first, l-first, m-first
		sum += uint64(v[i-first]) + uint64(v[1<<depth+int(j-first)]) + uint64(v[2<<depth+int(k-first)]) +
			uint64(v[3<<depth+int(l-first)]) + uint64(v[4<<depth+int(m-first)])
	}
	for ; t < f.cfg.Trees; t++ {
		var i uint32
		for range depth {
			i = step(f.inner[t*per:(t+1)*per], x, i)
		}
		f.leaf[t] = i - uint32(per)
		sum += uint64(f.value[t<<depth|int(f.leaf[t])])
	}
	return sum
}

// toScore converts the sum of leaf values to the score of the mode.
func (f *Forest) toScore(sum uint64) float64 {
	if f.refSize == 0 {
		return 0
	}
	trees, n := float64(f.cfg.Trees), float64(f.refSize)
	switch f.cfg.Mode {
	case ModePaper:
		return 1 - float64(sum)/(trees*n*float64(uint64(1)<<f.cfg.Depth))
	case ModeRiver:
		return 1 - float64(sum)/(trees*n*float64(uint64(1)<<(f.cfg.Depth+1)-1))
	}
	return f.top - float64(sum)/(trees*logOne)
}
