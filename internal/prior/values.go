package prior

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/netlyra/netlyra/engine/reference"
)

// values returns the values, rounded up to three digits. Those of keep that are as large, or
// larger by rounding only, are not rounded.
func (l *levels) values(keep [reference.Levels]float64) (out [reference.Levels]float64) {
	for i := range out {
		if v := math.Exp2(l[i+1]) - 1; math.Abs(l[i+1]-math.Log2(1+keep[i])) > 1e-9 {
			out[i] = roundUp(v)
		} else {
			out[i] = keep[i]
		}
	}
	return out
}

// roundUp rounds up to three digits, and values below 0.005 to 0. What is above a number of three digits by less than a
// hundredth of the last one is rounded to it, because peaks have single precision.
func roundUp(v float64) float64 {
	if !(v >= 0.005) {
		return 0
	}
	exponent := int(math.Floor(math.Log10(v))) - 2
	n := math.Ceil(v/math.Pow10(exponent) - 0.01)
	out, err := strconv.ParseFloat(fmt.Sprintf("%.0fe%d", n, exponent), 64)
	if err != nil {
		return v
	}
	return out
}

// text returns values as in the tables: "2 / 4 / 8 / 13".
func text(values []float64) string {
	if len(values) == 0 {
		return "-"
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strings.Join(parts, " / ")
}
