package features

import (
	"math"
	"math/bits"
)

// Horizons are half-lives sixteen-fold apart, so that the fading of the shorter ones
// is a power of that of the longest.
const (
	short4 = iota
	mid60
	long960
	horizons
)

const longest = 960 * second

const second = int64(1e9)

// halfLife of each horizon in seconds.
var halfLife = [horizons]float64{3.75, 60, 960}

// fading is what is left of an amount after some time, at each horizon.
type fading [horizons]float32

// fadeFor computes the fading over dt nanoseconds; negative time fades nothing.
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

// amount fades at three horizons.
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

// rate is an amount per second: over the horizon, or over the age where that is
// shorter, but never over less than half a second.
func (a *amount) rate(horizon int, age int64) float64 {
	full := halfLife[horizon] / math.Ln2
	t := float64(age) / 1e9
	if t < full {
		t = max(t, 0.5)
	} else {
		t = full
	}
	return float64(a[horizon]) / t
}

// clock follows event time for one entry.
type clock struct{ first, last int64 }

// backTolerance is how far back a timestamp may lie before it is taken for a new time
// and not for one out of order.
const backTolerance = 60 * second

// move goes to ts and returns the time passed, 0 for packets out of order.
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

// distinct counts different things over one to two periods: a bitmap of this period
// and one of the period before (linear counting: Whang et al., TODS 1990).
type distinct struct {
	period    int64
	now, past [sketchWords]uint64
}

const (
	sketchWords = 4
	sketchBits  = sketchWords * 64
)

// turn moves to the period of ts.
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

// add counts the thing with this hash.
func (d *distinct) add(h uint64) { d.now[h>>6%sketchWords] |= 1 << (h & 63) }

// estimate is how many different things were added, up to about 1400.
func (d *distinct) estimate() float64 {
	n := 0
	for i := range d.now {
		n += bits.OnesCount64(d.now[i] | d.past[i])
	}
	return distinctOf[n]
}

// distinctOf is the estimate by the number of bits set.
var distinctOf = func() (t [sketchBits + 1]float64) {
	for n := range t {
		free := max(float64(sketchBits-n), 0.5)
		t[n] = sketchBits * math.Log(sketchBits/free)
	}
	return t
}()

// Budget is how often one host was offered as a teacher of late: a count that fades
// with a time constant of BudgetSpan.
type Budget struct {
	last  int64
	count float32
}

// BudgetSpan is the time constant of a Budget, in seconds.
const BudgetSpan = 10

// Share counts an offer and returns the share of the host's offers that should be
// taken so that it teaches about rate points a second in the long run: all while
// there were few of late, ever fewer in a burst. Taking a share, and not the first
// that come, lets late packets of a burst teach as well as early ones.
func (b *Budget) Share(ts int64, rate float32) float32 {
	if dt := ts - b.last; dt > 0 {
		if dt > 20*BudgetSpan*second || b.last == 0 {
			b.count = 0
		} else if x := float32(dt) / float32(BudgetSpan*second); x < 1 {
			b.count *= 1 - x + x*x/2 - x*x*x/6
		} else {
			b.count *= float32(math.Exp(-float64(x)))
		}
		b.last = ts
	} else if dt < -backTolerance {
		b.last = ts
	}
	b.count++
	return min(1, rate*BudgetSpan/b.count)
}
