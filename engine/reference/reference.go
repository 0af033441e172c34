package reference

import (
	"math"

	"github.com/netlyra/netlyra/engine/features"
)

// Levels is the number of values of a behavior: at the levels 1 to Levels.
const Levels = 4

// Reference has the values that a share of 10^-1 to 10^-4 of the subjects exceed in a minute.
type Reference struct {
	Values [features.Behaviors][Levels]float64 // by behavior, ascending, at level 1, 2, 3 and 4
}

// Builtin returns a copy of the reference that ships with NetLyra; docs/detection.md describes
// its sources.
func Builtin() *Reference {
	return &Reference{Values: [features.Behaviors][Levels]float64{
		features.ProbedPorts:     {2, 4, 8, 13},
		features.ProbedPortsSlow: {3, 6, 12, 20},
		features.ProbedHosts:     {3, 6, 10, 15},
		features.ProbedHostsSlow: {5, 12, 24, 45},
		features.StrangeFlags:    {1, 2, 4, 7},
		features.HalfOpen:        {10, 25, 60, 120},
		features.OneWay:          {50, 300, 1500, 4000},
		features.PingFlood:       {5, 15, 40, 100},
		features.ErrorFlood:      {5, 15, 40, 120},
		features.Unasked:         {3, 8, 20, 50},
		features.Logins:          {2, 4, 6, 9},
		features.LoginsSlow:      {4, 9, 16, 28},
		features.EchoData:        {300, 1000, 3000, 7000},
		features.QueryData:       {150, 400, 900, 2000},
		features.Upload:          {2e5, 6e5, 1.5e6, 4e6},
		features.Calls:           {2, 4, 7, 10},
		features.Beats:           {3, 5, 8, 11},
		features.UnnamedTLS:      {0.1, 0.2, 0.4, 0.9},
		features.NameData:        {100, 200, 400, 700},
		features.MissingDomains:  {2, 5, 10, 16},
		features.Waiting:         {5, 15, 40, 80},
		features.Requests:        {20, 60, 150, 300},
		features.Driven:          {2, 5, 9, 16},
		features.AdminHosts:      {1, 2, 4, 7},
		features.Claims:          {1, 2, 3, 4.5},
		features.Resolved:        {4, 10, 20, 35},
		features.Leases:          {3, 8, 15, 25},
		features.Servers:         {0.1, 0.2, 0.5, 0.9},
		features.Odd:             {4, 8, 13, 18},
	}}
}

// Level interpolates −log10 of the share of subjects that exceed a value whose log2(1 + value)
// is x. Above the last value it continues with the slope of the last step.
func (r *Reference) Level(of features.Behavior, x float64) float64 {
	low, at := 0.0, 0.0
	values := &r.Values[of]
	for i, v := range values {
		high := math.Log2(1 + v)
		if x <= high || i == len(values)-1 {
			return max(at+(x-low)/max(high-low, 1e-9), 0)
		}
		low, at = high, float64(i+1)
	}
	return at
}
