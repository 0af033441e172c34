package bench

import (
	"sync"
	"time"

	"github.com/DataDog/sketches-go/ddsketch"
)

// accuracy is the relative error of every quantile.
const accuracy = 0.01

// latency collects durations from several goroutines.
type latency struct {
	mu     sync.Mutex
	sketch *ddsketch.DDSketch
}

func newLatency() *latency {
	s, err := ddsketch.NewDefaultDDSketch(accuracy)
	if err != nil {
		panic(err) // accuracy is a constant in range
	}
	return &latency{sketch: s}
}

// add records a duration; a negative one counts as zero.
func (l *latency) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.sketch.Add(max(d.Seconds(), 0)) // an error means not finite, or beyond 1e±300
}

// Quantiles are a distribution of latencies in milliseconds, each within 1 %.
type Quantiles struct {
	Samples float64 `json:"samples"`
	P50     float64 `json:"p50_ms"`
	P90     float64 `json:"p90_ms"`
	P99     float64 `json:"p99_ms"`
	P999    float64 `json:"p999_ms"`
	Max     float64 `json:"max_ms"`
}

// quantiles returns the distribution so far; zero without samples.
func (l *latency) quantiles() Quantiles {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := Quantiles{Samples: l.sketch.GetCount()}
	v, err := l.sketch.GetValuesAtQuantiles([]float64{.5, .9, .99, .999})
	if err != nil {
		return q
	}
	top, _ := l.sketch.GetMaxValue()
	q.P50, q.P90, q.P99, q.P999, q.Max = 1e3*v[0], 1e3*v[1], 1e3*v[2], 1e3*v[3], 1e3*top
	return q
}
