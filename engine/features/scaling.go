package features

import (
	"math"
	"strconv"
)

// Scaling maps a value to the range 0…1. It is fixed, so that the same value always has
// the same place.
type Scaling struct {
	Log  bool    `json:"log"`
	Unit float64 `json:"unit,omitempty"` // Log: value at which the curve turns from linear to logarithmic
	Max  float64 `json:"max"`            // value at 1; larger values are clamped
	top  float64 // Log: length of the curve
}

func linear(top float64) Scaling { return Scaling{Max: top} }

func logs(unit, top float64) Scaling {
	return Scaling{Log: true, Unit: unit, Max: top, top: chordLog(1 + top/unit)}
}

func clamp01(v float64) float64 { return min(max(v, 0), 1) }

// String describes the scaling for the documentation.
func (s Scaling) String() string {
	if s.Log {
		return "log, from " + short(s.Unit) + " to " + short(s.Max)
	}
	return "linear, 0 to " + short(s.Max)
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// chordLog is log2 for v ≥ 1, linear between the powers of two: monotonic, exactly
// invertible, and the same on every machine.
func chordLog(v float64) float64 {
	b := math.Float64bits(v)
	return float64(int(b>>52)-1023) + float64(b&(1<<52-1))/(1<<52)
}

// chordExp is the inverse of chordLog for v ≥ 0.
func chordExp(v float64) float64 {
	e := math.Floor(v)
	return math.Ldexp(1+v-e, int(e))
}

// Scale maps a value to 0…1, NaN and negative values to 0.
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

// Value is the inverse of Scale for x in 0…1.
func (s Scaling) Value(x float64) float64 {
	if x = clamp01(x); s.Log {
		return (chordExp(x*s.top) - 1) * s.Unit
	}
	return x * s.Max
}
