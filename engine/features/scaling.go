package features

import "math"

// Scaling is how a value becomes a place between 0 and 1.
type Scaling struct {
	Log  bool
	Unit float64 // Log: the value at which the curve turns from linear to logarithmic
	Max  float64 // the value at 1; larger ones stay there
	top  float64 // Log: length of the curve
}

func linear(most float64) Scaling { return Scaling{Max: most} }

func logs(unit, most float64) Scaling {
	return Scaling{Log: true, Unit: unit, Max: most, top: chordLog(1 + most/unit)}
}

func clamp01(v float64) float64 { return min(max(v, 0), 1) }

// String says it in words.
func (s Scaling) String() string {
	if s.Log {
		return "log, from " + short(s.Unit) + " to " + short(s.Max)
	}
	return "linear, 0 to " + short(s.Max)
}

// chordLog is log2 for v ≥ 1 with straight lines between the powers of two: as
// monotone as the logarithm, exactly invertible, and the same on every machine.
func chordLog(v float64) float64 {
	b := math.Float64bits(v)
	return float64(int(b>>52)-1023) + float64(b&(1<<52-1))/(1<<52)
}

// chordExp is the inverse of chordLog for v ≥ 0.
func chordExp(v float64) float64 {
	e := math.Floor(v)
	return math.Ldexp(1+v-e, int(e))
}

// Scale maps a value to 0…1; NaN and negative values to 0.
func (s Scaling) Scale(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	if v >= s.Max {
		return 1
	}
	if s.Log {
		return chordLog(1+v/s.Unit) / s.top
	}
	return v / s.Max
}

// Value is the value at place x of 0…1.
func (s Scaling) Value(x float64) float64 {
	if x = clamp01(x); s.Log {
		return (chordExp(x*s.top) - 1) * s.Unit
	}
	return x * s.Max
}
