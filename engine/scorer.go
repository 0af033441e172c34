package engine

import (
	"math/rand/v2"

	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/engine/hst"
)

// scorer is the model of one group of features: its forest, the tail of the forest's scores,
// and the distribution of each feature.
type scorer struct {
	group   features.Group
	n       int
	forest  *hst.Forest
	tail    tail
	typical [features.MaxFeatures]quantiles
	values  [features.MaxFeatures]float64 // of the last evaluation
	point   [features.MaxFeatures]float64 // the same values, scaled to 0…1
	raw     float64
	learned uint64
	leak    uint32
}

const (
	// rawLow and rawHigh bound the scores of a forest, in bits.
	rawLow, rawHigh = -12, 14
	priorLearned    = 256  // prior points of a forest
	priorPoints     = 1024 // prior samples of a tail
	leakEvery       = 20   // one in so many gated points is learned
	gateAfter       = 2    // windows of learned points after which the gate is active
)

func newScorer(cfg Config, g features.Group) (*scorer, error) {
	rows := features.Of(g)
	f, err := hst.New(cfg.forest(len(rows), g))
	if err != nil {
		return nil, err
	}
	s := &scorer{group: g, n: len(rows), forest: f, tail: newTail(rawLow, rawHigh)}
	s.loadPrior(cfg.Seed)
	return s, nil
}

// loadPrior trains the scorer with synthetic points, drawn around the prior range of each
// feature independently, which is a wider distribution than that of traffic. The prior decays
// as windows are learned.
func (s *scorer) loadPrior(seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, uint64(s.group)))
	for range priorLearned {
		s.draw(rnd)
		s.forest.Learn(s.point[:s.n])
	}
	for range priorPoints {
		s.draw(rnd)
		s.tail.add(s.forest.Score(s.point[:s.n]))
		for i := range s.n {
			s.typical[i].add(s.point[i])
		}
	}
	s.tail.fit()
}

func (s *scorer) draw(rnd *rand.Rand) {
	for i, f := range features.Of(s.group) {
		lo, hi := f.Scaling.Scale(f.Prior[0]), f.Scaling.Scale(f.Prior[1])
		x := (lo+hi)/2 + rnd.NormFloat64()*(hi-lo)/3.29
		s.point[i] = min(max(x, 0), 1)
	}
}

// evaluate scores the group of a view and returns −log10 of its tail.
func (s *scorer) evaluate(v *features.View) float64 {
	v.Values(s.group, &s.values)
	features.Place(s.group, &s.values, &s.point)
	s.raw = s.forest.Score(s.point[:s.n])
	return s.tail.of(s.raw)
}

// learn learns the last evaluation: always its score; its point if the score is not above the
// gate, or else one in leakEvery.
func (s *scorer) learn() {
	gated := s.raw > s.tail.gate && s.learned > uint64(gateAfter*s.forest.Config().Window)
	s.tail.add(s.raw)
	if gated {
		if s.leak++; s.leak%leakEvery != 0 {
			return
		}
	}
	s.learned++
	s.forest.LearnLast()
	for i := range s.n {
		s.typical[i].add(s.point[i])
	}
}

// quantiles is a decaying histogram over 0…1.
type quantiles struct {
	bins  [quantileBins]uint16
	total uint32
}

const (
	quantileBins = 64
	quantileKeep = 8192
)

func (q *quantiles) add(x float64) {
	q.bins[int(min(max(x, 0), 1)*(quantileBins-1)+0.5)]++
	if q.total++; q.total < quantileKeep {
		return
	}
	q.total = 0
	for i := range q.bins {
		q.bins[i] /= 2
		q.total += uint32(q.bins[i])
	}
}

// at returns the place below which a share p of the points is.
func (q *quantiles) at(p float64) float64 {
	want, sum := p*float64(q.total), 0.0
	for i, n := range q.bins {
		if sum += float64(n); sum >= want && n > 0 {
			return float64(i) / (quantileBins - 1)
		}
	}
	return 1
}
