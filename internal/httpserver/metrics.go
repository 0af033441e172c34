package httpserver

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// Metrics of the listeners, with the label port.
var (
	openDesc     = desc("netlyra_http_connections", "Open connections.")
	limitDesc    = desc("netlyra_http_connections_limit", "Connections that may be open at once; 0 is no limit.")
	acceptedDesc = desc("netlyra_http_connections_accepted_total", "Connections that were accepted.")
	refusedDesc  = desc("netlyra_http_connections_refused_total", "Connections that were refused, by reason.", "reason")
	errorsDesc   = desc("netlyra_http_accept_errors_total", "Errors of accept that were retried.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append([]string{"port"}, labels...), nil)
}

// collector is the listener of one port. It describes nothing beforehand, so that those
// of several ports can be registered side by side.
type collector struct{ s *Server }

// Collector gives the connections of the port to a registry.
func (s *Server) Collector() prometheus.Collector { return collector{s} }

// Describe sends nothing: the metrics of all ports have the same descriptions.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the listener's counters.
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
