package points

import (
	"math"
	"slices"
)

// adaptive is the detector of ModeDefault.
type adaptive struct {
	cfg   Config
	views []*view
	gate  gate

	scales []scale
	ready  bool
	ring   []float64 // the most recently learned points
	held   int       // points in the ring
	next   int       // index of the next one
	due    int       // points to learn before the trees are renewed

	x      []float64           // the current point, with finite values only
	placed [][scalings]float64 // the same, scaled
	column []float64           // scratch: one column of the ring
	bits   []float64           // scratch: a view's share of an attribution
	scores []float64           // while the ring fills: scores, for the first value of the gate
}

func newAdaptive(cfg Config) (*adaptive, error) {
	views, err := newViews(cfg)
	if err != nil {
		return nil, err
	}
	n := cfg.Columns
	return &adaptive{
		cfg: cfg, views: views, scales: make([]scale, n), ring: make([]float64, n*cfg.Window), due: cfg.First,
		x: make([]float64, n), bits: make([]float64, n), placed: make([][scalings]float64, n),
		column: make([]float64, 0, cfg.Window), scores: make([]float64, 0, cfg.Window),
		gate: gate{at: math.Inf(1), quantile: cfg.Gate, step: cfg.GateStep, leak: cfg.Leak, rate: cfg.Repetition},
	}, nil
}

func (a *adaptive) ScoreLearn(x []float64) (score float64, scored bool) {
	a.take(x)
	if !a.ready {
		a.learn()
		return 0, false
	}
	score = a.score()
	if filling := a.held < a.cfg.Window; filling {
		a.scores = append(a.scores, score)
		a.learn()
	} else if a.gate.pass(score, a.cell()) {
		a.learn()
	}
	return score, true
}

func (a *adaptive) Score(x []float64) float64 {
	a.take(x)
	if !a.ready {
		return 0
	}
	return a.score()
}

// Attribute sums the contributions of each column over the views that use it.
func (a *adaptive) Attribute(x, out []float64) {
	a.take(x)
	clear(out)
	if !a.ready {
		return
	}
	for _, v := range a.views {
		b := a.bits[:len(v.columns)]
		v.forest.Attribute(a.at(v), b)
		for i, c := range v.columns {
			out[c] += b[i]
		}
	}
}

// take makes x the current point.
func (a *adaptive) take(x []float64) {
	for i := range a.x {
		if a.x[i] = at(x, i); a.x[i] != a.x[i] {
			a.x[i] = a.scales[i].median
		}
	}
	if a.ready {
		a.put(a.x)
	}
}

// put scales a point for all views.
func (a *adaptive) put(x []float64) {
	for i, v := range x {
		a.placed[i] = a.scales[i].place(v)
	}
}

// at returns the scaled point for a view.
func (a *adaptive) at(v *view) []float64 {
	for i, c := range v.columns {
		v.point[i] = a.placed[c][v.scaling]
	}
	return v.point
}

// emphasis is the weight of views with high scores: 0 gives the
// mean over views, infinity the maximum.
const emphasis = 0.2

// score returns log2 of the mean of 2^(emphasis·bits), divided by emphasis again, in bits.
func (a *adaptive) score() float64 {
	sum := 0.0
	for _, v := range a.views {
		sum += math.Exp2(emphasis * v.forest.Score(a.at(v)))
	}
	return math.Log2(sum/float64(len(a.views))) / emphasis
}

// levels is the number of intervals of a column for cells; values seen so far use the
// middle half of them.
const levels = 32

// cell returns the key of the small region that contains the scaled point.
func (a *adaptive) cell() uint64 {
	key := uint64(14695981039346656037) // FNV-1a
	for _, p := range a.placed {
		at := uint64(min(max(p[asinhScaling], 0), 1) * levels)
		key = (key ^ at) * 1099511628211
	}
	return key ^ key>>29
}

// learn adds the current point to the ring.
func (a *adaptive) learn() {
	n := a.cfg.Columns
	copy(a.ring[a.next*n:], a.x)
	a.next = (a.next + 1) % a.cfg.Window
	a.held = min(a.held+1, a.cfg.Window)
	if a.due--; a.due == 0 {
		a.renew()
	}
}

// renew fits the scales to the points of the ring and trains the trees with them.
func (a *adaptive) renew() {
	n := a.cfg.Columns
	for i := range n {
		a.column = a.column[:0]
		for at := i; at < a.held*n; at += n {
			a.column = append(a.column, a.ring[at])
		}
		slices.Sort(a.column)
		a.scales[i].fit(a.column)
	}
	for _, v := range a.views {
		v.forest.Reset()
	}
	for at := 0; at < a.held*n; at += n {
		a.put(a.ring[at : at+n])
		for _, v := range a.views {
			v.forest.Learn(a.at(v))
		}
	}
	if a.held < a.cfg.Window {
		for _, v := range a.views {
			v.forest.Pivot()
		}
		a.due, a.scores = min(a.held, a.cfg.Window-a.held), a.scores[:0]
	} else {
		a.due = max(a.cfg.Window/2, 1)
		a.open()
	}
	a.ready = true
}

// open sets the initial value of the gate when the ring is full: the quantile of
// the scores since the last renewal.
func (a *adaptive) open() {
	if len(a.scores) == 0 {
		return
	}
	slices.Sort(a.scores)
	a.gate.at = a.scores[int(a.gate.quantile*float64(len(a.scores)-1))]
	a.scores = a.scores[:0]
}
