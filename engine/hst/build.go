package hst

import "math/rand/v2"

// node is feature<<16 | threshold. A point goes right if its quantised value is at least
// the threshold.
type node uint32

func (n node) feature() uint8    { return uint8(n >> 16) }
func (n node) threshold() uint16 { return uint16(n) }

// space is the range of values that 16 bits cover. Work ranges of the paper, [u-w, u+w]
// with w = 2·max(u, 1-u), are within [-2, 3].
type space struct{ lo, scale float64 }

func spaceOf(m Mode) space {
	if m == ModePaper {
		return space{-2, 65535 / 5.0}
	}
	return space{0, 65535}
}

// quantise maps v to its cell, NaN and values below the range to the lowest cell.
func (s space) quantise(v float64) uint16 {
	q := (v - s.lo) * s.scale
	switch {
	case q >= 65535:
		return 65535
	case q > 0:
		return uint16(q)
	}
	return 0
}

// builder builds the trees of one forest. lo and hi are the range of the current node.
type builder struct {
	cfg    Config
	space  space
	rnd    *rand.Rand
	lo, hi []float64
	inner  []node // of the current tree, in level order
}

// build draws the structure of every tree: Trees × (2^Depth − 1) nodes.
func build(cfg Config) []node {
	per := 1<<cfg.Depth - 1
	b := builder{
		cfg: cfg, space: spaceOf(cfg.Mode),
		rnd: rand.New(rand.NewPCG(cfg.Seed, 0x6e65746c797261)),
		lo:  make([]float64, cfg.Features), hi: make([]float64, cfg.Features),
	}
	nodes := make([]node, cfg.Trees*per)
	for t := range cfg.Trees {
		for i := range b.lo {
			b.lo[i], b.hi[i] = 0, 1
			if cfg.Mode == ModePaper {
				u := b.rnd.Float64()
				w := 2 * max(u, 1-u)
				b.lo[i], b.hi[i] = u-w, u+w
			}
		}
		b.inner = nodes[t*per : (t+1)*per]
		b.grow(0)
	}
	return nodes
}

// grow splits node i and its descendants.
func (b *builder) grow(i int) {
	q, at := b.split()
	b.inner[i] = node(q)<<16 | node(b.space.quantise(at))
	if l := 2*i + 1; l < len(b.inner) {
		hi := b.hi[q]
		b.hi[q] = at
		b.grow(l)
		b.hi[q] = hi
		lo := b.lo[q]
		b.lo[q] = at
		b.grow(l + 1)
		b.lo[q] = lo
	}
}

// split draws a feature and the place of the split.
func (b *builder) split() (q int, at float64) {
	if b.cfg.Mode == ModePaper {
		q = b.rnd.IntN(len(b.lo))
		return q, (b.lo[q] + b.hi[q]) / 2
	}
	total := 0.0
	for i := range b.lo {
		total += b.hi[i] - b.lo[i]
	}
	for u := b.rnd.Float64() * total; q < len(b.lo)-1; q++ {
		if u -= b.hi[q] - b.lo[q]; u < 0 {
			break
		}
	}
	return q, b.lo[q] + (b.hi[q]-b.lo[q])*(0.15+0.7*b.rnd.Float64())
}
