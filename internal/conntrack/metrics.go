package conntrack

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Metrics shows a table's counts to Prometheus. The table's goroutine hands it copies;
// it is read from any.
type Metrics struct {
	last atomic.Pointer[snapshot]
}

type snapshot struct {
	stats Stats
	len   int
}

// NewMetrics registers with reg, which may be nil. A second table of the process needs a
// registerer of its own, with a label that tells them apart.
func NewMetrics(reg prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{}
	m.last.Store(&snapshot{})
	if reg == nil {
		return m, nil
	}
	return m, reg.Register(m)
}

// Observe takes a copy of the table's counts; it allocates, so call it now and then.
func (m *Metrics) Observe(t *Table) { m.last.Store(&snapshot{t.Stats(), t.Len()}) }

var (
	trackedDesc = prometheus.NewDesc("netlyra_conntrack_connections", "Connections that are tracked now.", nil, nil)
	countDescs  = []struct {
		desc  *prometheus.Desc
		value func(*Stats) uint64
	}{
		{counter("packets", "Packets that were tracked."), func(s *Stats) uint64 { return s.Packets }},
		{counter("layers", "IP packets in them, tunnelled ones included."), func(s *Stats) uint64 { return s.Layers }},
		{counter(vocabulary.DropUntracked, "IP packets without a whole transport header."), func(s *Stats) uint64 { return s.Untracked }},
		{counter("bad_checksums", "IP packets whose transport checksum is wrong."), func(s *Stats) uint64 { return s.BadChecksum }},
		{counter("begun", "Connections that began."), func(s *Stats) uint64 { return s.Begun }},
		{counter("ended", "Connections that ended."), func(s *Stats) uint64 { return s.Ended }},
		{counter("expired", "Connections that ended by a time-out."), func(s *Stats) uint64 { return s.Expired }},
		{counter("reused", "Connections that ended as their tuple was used anew."), func(s *Stats) uint64 { return s.Reused }},
		{counter("evicted", "Connections that ended for want of room."), func(s *Stats) uint64 { return s.Evicted }},
		{counter(vocabulary.DropRefused, "Packets of connections that were not tracked for want of room."), func(s *Stats) uint64 { return s.Refused }},
		{counter("late", "Packets older than the newest."), func(s *Stats) uint64 { return s.Late }},
		{counter("clock_put_back", "Times that event time was put back by more than an hour."), func(s *Stats) uint64 { return s.PutBack }},
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
