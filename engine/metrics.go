package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
)

// metrics are the Prometheus metrics of the engine.
type metrics struct {
	packets, unreadable, scored prometheus.Counter
	duplicates, missing         prometheus.Counter
	alerts                      *prometheus.CounterVec
	saveSeconds                 prometheus.Histogram
	saveBytes                   prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netlyra", Subsystem: "engine", Name: name, Help: help})
	}
	m := &metrics{
		packets:    counter("packets_total", "Packets consumed from the packets topic."),
		unreadable: counter("unreadable_records_total", "Records that could not be read and were copied to the dead letters topic."),
		scored:     counter("scored_packets_total", "Packets scored; packets of the warm-up are not."),
		duplicates: counter("duplicate_packets_total", "Packets skipped because they had been delivered before."),
		missing:    counter("missing_packets_total", "Packets numbered by a producer that never arrived."),
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "netlyra", Subsystem: "engine", Name: "alert_records_total",
			Help: "Alert records published, for new and grown alerts, by kind."}, []string{"kind"}),
		saveSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "netlyra", Subsystem: "engine", Name: "checkpoint_seconds",
			Help: "Time to save a checkpoint.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 8)}),
		saveBytes: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "netlyra", Subsystem: "engine", Name: "checkpoint_bytes",
			Help: "Size of the newest checkpoint."}),
	}
	if r == nil {
		return m, nil
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.packets, m.unreadable, m.scored, m.duplicates, m.missing, m.alerts, m.saveSeconds, m.saveBytes} {
		errs = append(errs, r.Register(c))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("engine: metrics: %w", err)
	}
	return m, nil
}

func (m *metrics) count(packets, unreadable, scored, duplicates, missing uint64) {
	m.packets.Add(float64(packets))
	m.unreadable.Add(float64(unreadable))
	m.scored.Add(float64(scored))
	m.duplicates.Add(float64(duplicates))
	m.missing.Add(float64(missing))
}

func (m *metrics) alert(a *models.Alert) { m.alerts.WithLabelValues(a.Kind).Inc() }

func (m *metrics) checkpoint(size int, took time.Duration) {
	m.saveBytes.Set(float64(size))
	m.saveSeconds.Observe(took.Seconds())
}
