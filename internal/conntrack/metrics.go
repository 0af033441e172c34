package conntrack

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Metrics exports the counters of a table to Prometheus. The goroutine of the table calls
// Observe; any goroutine may collect.
type Metrics struct {
	last atomic.Pointer[snapshot]
}

type snapshot struct {
	stats Stats
	len   int
}

// NewMetrics registers with reg, which may be nil. A second table in the process needs
// another registerer, with a distinguishing label.
func NewMetrics(reg prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{}
	m.last.Store(&snapshot{})
	if reg == nil {
		return m, nil
	}
	return m, reg.Register(m)
}

// Observe copies the counters of the table. It allocates: call it at intervals, not per
// packet.
func (m *Metrics) Observe(t *Table) { m.last.Store(&snapshot{t.Stats(), t.Len()}) }

var (
	trackedDesc = prometheus.NewDesc("netlyra_conntrack_connections", "Connections currently tracked.", nil, nil)
	countDescs  = []struct {
		desc  *prometheus.Desc
		value func(*Stats) uint64
	}{
		{counter("packets", "Packets that were tracked."), func(s *Stats) uint64 { return s.Packets }},
		{counter("layers", "IP packets in them, tunnelled ones included."), func(s *Stats) uint64 { return s.Layers }},
		{counter(vocabulary.DropUntracked, "IP packets without a complete transport header."), func(s *Stats) uint64 { return s.Untracked }},
		{counter("bad_checksums", "IP packets whose transport checksum is wrong."), func(s *Stats) uint64 { return s.BadChecksum }},
		{counter("begun", "Connections that began."), func(s *Stats) uint64 { return s.Begun }},
		{counter("ended", "Connections that ended."), func(s *Stats) uint64 { return s.Ended }},
		{counter("expired", "Connections that ended by a time-out."), func(s *Stats) uint64 { return s.Expired }},
		{counter("reused", "Connections that ended because their tuple was reused."), func(s *Stats) uint64 { return s.Reused }},
		{counter("evicted", "Connections that were evicted because the table was full."), func(s *Stats) uint64 { return s.Evicted }},
		{counter(vocabulary.DropRefused, "Packets of connections that were not tracked because the table was full."), func(s *Stats) uint64 { return s.Refused }},
		{counter("late", "Packets older than the newest."), func(s *Stats) uint64 { return s.Late }},
		{counter("clock_set_back", "Number of times that event time was set back by more than an hour."), func(s *Stats) uint64 { return s.SetBack }},
	}
)

func counter(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("netlyra_conntrack_"+name+"_total", help, nil, nil)
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- trackedDesc
	for _, c := range countDescs {
		ch <- c.desc
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	s := m.last.Load()
	ch <- prometheus.MustNewConstMetric(trackedDesc, prometheus.GaugeValue, float64(s.len))
	for _, c := range countDescs {
		ch <- prometheus.MustNewConstMetric(c.desc, prometheus.CounterValue, float64(c.value(&s.stats)))
	}
}
