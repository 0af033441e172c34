package features

import (
	"math"
	"math/bits"
)

// The horizons are half-lives that differ by a factor of 16, so that the decay over the
// shorter ones is a power of that over the longest.
const (
	short4 = iota
	mid60
	long960
	horizons
)

const longest = 960 * second

const second = int64(1e9)

// halfLife is the half-life of each horizon in seconds.
var halfLife = [horizons]float64{3.75, 60, 960}

// fading is the factor by which an amount decays in some time, at each horizon.
type fading [horizons]float32

// fadeFor returns the decay over dt nanoseconds, 1 if dt is not positive.
func fadeFor(dt int64) (f fading) {
	if dt <= 0 {
		return fading{1, 1, 1}
	}
	x := float64(dt) / float64(longest)
	var d float64
	switch {
	case x < 1.0/256: // four terms of 2^-x, exact to 1e-13
		y := x * math.Ln2
		d = 1 - y*(1-y*(0.5-y*(1.0/6-y*(1.0/24))))
	case x < 60:
		d = math.Exp2(-x)
	}
	m := d * d
	m *= m
	m *= m
	m *= m
	s := m * m
	s *= s
	s *= s
	s *= s
	return fading{float32(s), float32(m), float32(d)}
}

// amount is a sum that decays, at three horizons.
type amount [horizons]float32

func (a *amount) fade(f fading) {
	a[0] *= f[0]
	a[1] *= f[1]
	a[2] *= f[2]
}

func (a *amount) add(v float32) {
	a[0] += v
	a[1] += v
	a[2] += v
}

// rate returns the amount per second over the shortest horizon. The divisor is
// half-life / ln 2, or the age of the entry in nanoseconds if that is shorter, but at least
// half a second.
func (a *amount) rate(age int64) float64 {
	window := halfLife[short4] / math.Ln2
	t := float64(age) / 1e9
	if t < window {
		t = max(t, 0.5)
	} else {
		t = window
	}
	return float64(a[short4]) / t
}

// clock tracks event time for one entry.
type clock struct{ first, last int64 }

// backTolerance is how far a timestamp may be in the past and still be treated as out of
// order. The clock follows timestamps that are further back.
const backTolerance = 60 * second

// move advances to ts and returns the time elapsed, 0 for packets out of order.
func (c *clock) move(ts int64, fresh bool) (dt int64) {
	if fresh {
		c.first, c.last = ts, ts
		return 0
	}
	dt = ts - c.last
	switch {
	case dt >= 0 && ts >= c.last, dt < -backTolerance:
		c.last = ts
		c.first = min(c.first, ts)
	case ts > c.last: // the difference overflowed
		c.last, dt = ts, math.MaxInt64
	}
	return max(dt, 0)
}

func (c *clock) age() int64 { return max(c.last-c.first, 0) }

// distinct estimates the number of distinct items over one to two periods: a bitmap of the
// current period and one of the previous (linear counting: Whang et al., TODS 1990).
type distinct struct {
	period    int64
	now, past [sketchWords]uint64
}

const (
	sketchWords = 4
	sketchBits  = sketchWords * 64
)

// turn advances to the period of ts.
func (d *distinct) turn(ts, length int64) {
	p := ts / length
	switch p {
	case d.period, d.period - 1:
	case d.period + 1:
		d.past, d.now, d.period = d.now, [sketchWords]uint64{}, p
	default:
		*d = distinct{period: p}
	}
}

// add counts the item with this hash.
func (d *distinct) add(h uint64) { d.now[h>>6%sketchWords] |= 1 << (h & 63) }

// estimate returns the number of distinct items, up to about 1400.
func (d *distinct) estimate() float64 {
	n := 0
	for i := range d.now {
		n += bits.OnesCount64(d.now[i] | d.past[i])
	}
	return distinctOf[n]
}

// distinctOf is the estimate by the number of bits that are set.
var distinctOf = func() (t [sketchBits + 1]float64) {
	for n := range t {
		free := max(float64(sketchBits-n), 0.5)
		t[n] = sketchBits * math.Log(sketchBits/free)
	}
	return t
}()
