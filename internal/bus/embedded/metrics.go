package embedded

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/bus/embedded/guard"
	"github.com/netlyra/netlyra/internal/netlimit"
)

// Collector returns the counters of Stats as metrics.
func (b *Broker) Collector() prometheus.Collector { return collector{b} }

type collector struct{ b *Broker }

var (
	descOpen     = prometheus.NewDesc("netlyra_broker_connections", "Open connections to the embedded broker.", nil, nil)
	descBytes    = prometheus.NewDesc("netlyra_broker_held_bytes", "Bytes of requests in progress and of response buffers of open connections.", nil, nil)
	descAccepted = prometheus.NewDesc("netlyra_broker_accepted_total", "Accepted connections to the embedded broker.", nil, nil)
	descFrames   = prometheus.NewDesc("netlyra_broker_requests_total", "Requests that the guard passed to the embedded broker.", nil, nil)
	descRefused  = prometheus.NewDesc("netlyra_broker_refused_total", "Connections and record batches that the embedded broker refused.", []string{"reason"}, nil)
	descErrors   = prometheus.NewDesc("netlyra_broker_accept_errors_total", "Errors of accepting connections, which are retried.", nil, nil)
)

// Describe is part of prometheus.Collector.
func (collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descOpen, descBytes, descAccepted, descFrames, descRefused, descErrors} {
		ch <- d
	}
}

// Collect is part of prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	s := c.b.Stats()
	put := func(d *prometheus.Desc, kind prometheus.ValueType, n float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, n, labels...)
	}
	put(descOpen, prometheus.GaugeValue, float64(s.Open))
	put(descBytes, prometheus.GaugeValue, float64(s.Bytes))
	put(descAccepted, prometheus.CounterValue, float64(s.Accepted))
	put(descFrames, prometheus.CounterValue, float64(s.Frames))
	put(descErrors, prometheus.CounterValue, float64(s.Accept.Errors))
	for _, why := range guard.Reasons() {
		put(descRefused, prometheus.CounterValue, float64(s.Refused[why]), string(why))
	}
	put(descRefused, prometheus.CounterValue, float64(s.Accept.Refused[netlimit.RefusedDescriptors]), string(netlimit.RefusedDescriptors))
}
