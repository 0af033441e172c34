package httpserver

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// Metrics of listeners, with the label port.
var (
	openDesc     = desc("netlyra_http_connections", "Open connections.")
	limitDesc    = desc("netlyra_http_connections_limit", "Limit of open connections; 0: unlimited.")
	acceptedDesc = desc("netlyra_http_connections_accepted_total", "Accepted connections.")
	refusedDesc  = desc("netlyra_http_connections_refused_total", "Refused connections, by reason.", "reason")
	errorsDesc   = desc("netlyra_http_accept_errors_total", "Errors of accept, which are retried.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append([]string{"port"}, labels...), nil)
}

// collector collects the metrics of one port. It is unchecked (it describes nothing), so
// that collectors of several ports can be registered together.
type collector struct{ s *Server }

// Collector returns a collector of the port's connections.
func (s *Server) Collector() prometheus.Collector { return collector{s} }

// Describe implements prometheus.Collector.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	st, label := c.s.port.stats(), c.s.cfg.Label
	send := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, more ...string) {
		out <- prometheus.MustNewConstMetric(d, kind, v, append([]string{label}, more...)...)
	}
	send(openDesc, prometheus.GaugeValue, float64(st.Open))
	send(limitDesc, prometheus.GaugeValue, float64(c.s.cfg.MaxConnections))
	send(acceptedDesc, prometheus.CounterValue, float64(st.Accepted))
	for _, why := range netlimit.Reasons() {
		send(refusedDesc, prometheus.CounterValue, float64(st.Refused[why]), string(why))
	}
	send(errorsDesc, prometheus.CounterValue, float64(st.Errors))
}
