package engine

import "math"

// tail estimates the probability that typical traffic reaches a score. It keeps a decaying
// histogram of scores that are sampled at the same rate from every host. Below the highest
// 2 % it counts samples; above, it extrapolates with a generalised Pareto tail of fixed shape.
// (Siffer et al., "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017, also
// fit the shape. Scores here are bounded, so that a fitted shape would give probability 0 to
// everything above the highest score seen.)
type tail struct {
	lo, width float64
	bins      [tailBins]float32
	total     float32
	logs      [tailBins + 1]float32 // −log10 of the tail at the lower edge of each bin
	slope     float64               // slope of logs beyond the last bin
	gate      float64               // score that 1 % of samples exceed
	stale     int                   // samples since the last fit
}

const (
	tailBins  = 512
	tailShare = 0.02  // share of samples that the Pareto tail is fitted to
	tailLeast = 10    // minimum number of samples above its start
	tailKeep  = 20000 // samples after which all are halved
	tailEvery = 64    // samples between two fits
	tailShape = 0.02  // of the Pareto tail; a little heavier than exponential
)

func newTail(lo, hi float64) tail {
	return tail{lo: lo, width: (hi - lo) / tailBins}
}

func (t *tail) bin(s float64) int {
	return int(min(max((s-t.lo)/t.width, 0), tailBins-1))
}

// add adds a sample.
func (t *tail) add(s float64) {
	t.bins[t.bin(s)]++
	t.total++
	if t.stale++; t.stale >= tailEvery {
		t.fit()
	}
}

// fit computes logs, slope and gate from the histogram.
func (t *tail) fit() {
	t.stale = 0
	if t.total > tailKeep {
		t.total = 0
		for i := range t.bins {
			t.bins[i] /= 2
			t.total += t.bins[i]
		}
	}
	n := float64(t.total) + 1
	want := max(tailShare*n, tailLeast)
	above, excess, start := 0.0, 0.0, tailBins
	t.gate = t.lo
	for i := tailBins - 1; i >= 0; i-- {
		excess += above // each sample above is one bin further away
		if above += float64(t.bins[i]); above <= want {
			start = i
		}
		if above >= 0.01*n && t.gate == t.lo {
			t.gate = t.lo + float64(i)*t.width
		}
	}
	t.logsFrom(start, n)
}

// logsFrom computes logs, by counting below bin start and by the Pareto tail above it.
func (t *tail) logsFrom(start int, n float64) {
	above, excess := 1.0, 0.5
	for i := start; i < tailBins; i++ {
		above += float64(t.bins[i])
		excess += float64(t.bins[i]) * (float64(i-start) + 0.5)
	}
	mean := max(excess/above, 1) // in bins
	at, sigma := -math.Log10(min(above/n, 1)), mean*(1-tailShape)
	for i := start; i <= tailBins; i++ {
		t.logs[i] = float32(at + math.Log10(1+tailShape*float64(i-start)/sigma)/tailShape)
	}
	t.slope = 1 / (math.Ln10 * (sigma + tailShape*float64(tailBins-start)))
	for i := start - 1; i >= 0; i-- {
		above += float64(t.bins[i])
		t.logs[i] = float32(-math.Log10(min(above/n, 1)))
	}
}

// of returns −log10 of the probability that typical traffic has a score of s or more.
func (t *tail) of(s float64) float64 {
	x := (s - t.lo) / t.width
	if !(x > 0) {
		return 0
	}
	if x >= tailBins {
		return float64(t.logs[tailBins]) + t.slope*(x-tailBins)
	}
	i := int(x)
	return float64(t.logs[i]) + (x-float64(i))*float64(t.logs[i+1]-t.logs[i])
}
