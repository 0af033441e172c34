package measure

import (
	"fmt"
	"math"
	"strconv"
)

// Figure is a measured number. NaN, which is null in JSON and "-" in text, means that
// there was nothing to measure.
type Figure float64

// Known reports whether there was something to measure.
func (f Figure) Known() bool { return !math.IsNaN(float64(f)) }

// Text returns the figure with the given number of decimals.
func (f Figure) Text(decimals int) string {
	if !f.Known() {
		return "-"
	}
	return strconv.FormatFloat(float64(f), 'f', decimals, 64)
}

// MarshalJSON returns the number, or null.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Known() || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(f), 'g', -1, 64), nil
}

// UnmarshalJSON parses a number or null.
func (f *Figure) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*f = Figure(math.NaN())
		return nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	*f = Figure(v)
	return err
}

// Spread is the mean and standard deviation of a figure over several runs.
type Spread struct {
	Mean Figure `json:"mean"`
	SD   Figure `json:"sd"` // sample standard deviation (n−1); 0 for one run
	Min  Figure `json:"min"`
	Max  Figure `json:"max"`
}

// SpreadOf summarizes runs, except for those in which there was nothing to measure.
func SpreadOf(runs []Figure) Spread {
	var n, sum, squares float64
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, f := range runs {
		if f.Known() {
			n++
			sum += float64(f)
			lo, hi = min(lo, float64(f)), max(hi, float64(f))
		}
	}
	if n == 0 {
		none := Figure(math.NaN())
		return Spread{none, none, none, none}
	}
	mean := sum / n
	for _, f := range runs {
		if f.Known() {
			squares += (float64(f) - mean) * (float64(f) - mean)
		}
	}
	return Spread{Figure(mean), Figure(math.Sqrt(squares / max(n-1, 1))), Figure(lo), Figure(hi)}
}

// String returns mean ± sd.
func (s Spread) String() string {
	if !s.Mean.Known() {
		return "-"
	}
	return fmt.Sprintf("%.4f ± %.4f", float64(s.Mean), float64(s.SD))
}
