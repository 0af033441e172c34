package hst

import (
	"math"
	"math/rand/v2"
)

// plain is the algorithm as the paper describes it: masses l and r at every node of the
// path, pivoted lazily by an epoch per node or eagerly. The forest must equal it.
type plain struct {
	cfg      Config
	inner    []node
	l, r     []uint32
	ep       []int
	cur      int
	lazy     bool
	n, size  int
	need     int
	quantise func(float64) uint16
}

func newPlain(f *Forest, lazy bool) *plain {
	n := f.cfg.Trees * (1<<(f.cfg.Depth+1) - 1)
	return &plain{cfg: f.cfg, inner: f.inner, l: make([]uint32, n), r: make([]uint32, n), ep: make([]int, n),
		lazy: lazy, need: f.cfg.FirstWindow, quantise: f.space.quantise}
}

// path calls visit for each node on the path of x through tree t while visit returns true.
func (p *plain) path(t int, x []float64, visit func(node, depth int) bool) {
	per, total := 1<<p.cfg.Depth-1, 1<<(p.cfg.Depth+1)-1
	for i, k := 0, 0; ; k++ {
		if !visit(t*total+i, k) || k == p.cfg.Depth {
			return
		}
		n := p.inner[t*per+i]
		if p.quantise(x[n.feature()]) < n.threshold() {
			i = 2*i + 1
		} else {
			i = 2*i + 2
		}
	}
}

// touch brings a node to the current epoch.
func (p *plain) touch(i int) {
	if p.ep[i] == p.cur {
		return
	}
	if p.r[i] = 0; p.ep[i] == p.cur-1 {
		p.r[i] = p.l[i]
	}
	p.l[i], p.ep[i] = 0, p.cur
}

func (p *plain) learn(x []float64) {
	for t := range p.cfg.Trees {
		p.path(t, x, func(i, _ int) bool {
			p.touch(i)
			p.l[i]++
			return true
		})
	}
	if p.n++; p.n < p.need {
		return
	}
	p.n, p.size, p.need = 0, p.need, p.cfg.Window
	p.cur++
	if !p.lazy {
		copy(p.r, p.l)
		clear(p.l)
		for i := range p.ep {
			p.ep[i] = p.cur
		}
	}
}

func (p *plain) score(x []float64) float64 {
	if p.size == 0 {
		return 0
	}
	limit, sum, logs := p.cfg.SizeLimit*float64(p.size), 0.0, uint64(0)
	for t := range p.cfg.Trees {
		p.path(t, x, func(i, k int) bool {
			p.touch(i)
			r := float64(p.r[i])
			end := r <= limit
			switch p.cfg.Mode {
			case ModePaper:
				if end || k == p.cfg.Depth {
					sum += r * math.Pow(2, float64(k))
				}
			case ModeRiver:
				sum += r * math.Pow(2, float64(k))
				end = r < limit
			default:
				if end || k == p.cfg.Depth {
					logs += uint64(fixedLog(p.r[i], 1)) + uint64(k)*logOne
				}
			}
			return !end
		})
	}
	n, trees := float64(p.size), float64(p.cfg.Trees)
	switch p.cfg.Mode {
	case ModePaper:
		return 1 - sum/(trees*n*math.Pow(2, float64(p.cfg.Depth)))
	case ModeRiver:
		return 1 - sum/(trees*n*(math.Pow(2, float64(p.cfg.Depth+1))-1))
	}
	return float64(fixedLog(uint32(p.size), 1))/logOne - float64(logs)/(trees*logOne)
}

// points draws n points of d features: clusters, outliers, and values out of range.
func points(rnd *rand.Rand, n, d int) [][]float64 {
	center := make([]float64, d)
	for i := range center {
		center[i] = rnd.Float64()
	}
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, d)
		for j := range out[i] {
			out[i][j] = center[j] + 0.05*rnd.NormFloat64()
			if rnd.IntN(20) == 0 {
				out[i][j] = 3*rnd.Float64() - 1
			}
		}
	}
	return out
}
