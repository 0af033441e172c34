package engine

import (
	"math"
)

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
	keep      float32               // samples after which all are halved
	every     int                   // samples between two fits
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
	return tail{lo: lo, width: (hi - lo) / tailBins, keep: tailKeep, every: tailEvery}
}

func (t *tail) bin(s float64) int {
	return int(min(max((s-t.lo)/t.width, 0), tailBins-1))
}

// add adds a sample.
func (t *tail) add(s float64) {
	t.bins[t.bin(s)]++
	t.total++
	if t.stale++; t.stale >= t.every {
		t.fit()
	}
}

// fit computes logs, slope and gate from the histogram.
func (t *tail) fit() {
	t.stale = 0
	if t.total > t.keep {
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

// packetTail makes a score mean the share of packets: of the packets outside of alerts, one in
// ten thousand has a level of 4. The tails below it count every host alike, so that a burst
// of one host is a small part of them but a large part of the packets. A packet is compared
// with those before it only, as in conformal prediction (V. Vovk, A. Gammerman, G. Shafer,
// "Algorithmic Learning in a Random World", 2005).
type packetTail struct{ tail }

const (
	packetPrior = 40_000  // packets that the assumed distribution stands for
	packetKeep  = 400_000 // packets after which older ones count half
	packetEvery = 128     // packets between two fits
	// packetBursts lowers levels: improbable packets come in bursts, at whose beginning the
	// earlier packets show too few of them.
	packetBursts = 0.45
)

// newPacketTail assumes that levels are what they claim: a level of x has a probability of
// 10^−x.
func newPacketTail() packetTail {
	t := packetTail{newTail(0, 12)}
	t.keep, t.every = packetKeep, packetEvery
	for i := range t.bins {
		low := float64(i) * t.width
		share := math.Pow(10, -low) - math.Pow(10, -low-t.width)
		t.bins[i] = float32(packetPrior * share)
		t.total += t.bins[i]
	}
	t.fit()
	return t
}

// calibrate returns the level by the share of earlier packets, and counts the packet if it is
// to be learned. Where it would be improbable, the packets that reached it are counted one by
// one: the fitted tail lags behind a burst.
func (t *packetTail) calibrate(level float64, learn bool) float64 {
	out := t.of(level)
	if out > countedFrom {
		n := float32(1)
		for _, b := range t.bins[t.bin(level):] {
			n += b
		}
		out = max(min(out, -math.Log10(float64(n/(t.total+1)))), countedFrom) // monotonic in level
	}
	if learn {
		t.add(level)
	}
	return max(out-packetBursts, 0)
}

// countedFrom is the level from which packets are counted one by one.
const countedFrom = 3
