package capture

import "github.com/prometheus/client_golang/prometheus"

// Metrics exports the Stats of a source to Prometheus. It reads them at each scrape, so it
// adds no cost per frame.
type Metrics struct {
	stats    func() Stats
	received *prometheus.Desc
	missed   *prometheus.Desc
}

// NewMetrics registers the counters that stats returns; reg may be nil.
func NewMetrics(reg prometheus.Registerer, stats func() Stats) (*Metrics, error) {
	m := &Metrics{
		stats:    stats,
		received: prometheus.NewDesc("netlyra_capture_frames_total", "Frames yielded by the capture source.", nil, nil),
		missed:   prometheus.NewDesc("netlyra_capture_missed_frames_total", "Frames lost or skipped by the capture source, by reason.", []string{"reason"}, nil),
	}
	if reg == nil {
		return m, nil
	}
	return m, reg.Register(m)
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.received
	ch <- m.missed
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	s := m.stats()
	ch <- prometheus.MustNewConstMetric(m.received, prometheus.CounterValue, float64(s.Received))
	for reason, n := range s.ByReason {
		ch <- prometheus.MustNewConstMetric(m.missed, prometheus.CounterValue, float64(n), reason)
	}
}
