package store

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// implausible is what a round of retention did not go by.
type implausible struct {
	alerts, connections int64 // rows
	clock               bool  // the wall clock is before plausibleFrom
}

// rowTimes is what the last round found.
type rowTimes struct{ last atomic.Pointer[implausible] }

func (r *rowTimes) get() implausible {
	if p := r.last.Load(); p != nil {
		return *p
	}
	return implausible{}
}

// tooEarly counts the rows whose time is before every plausible one. The condition is
// that of the table's index of these rows, word by word, which makes it fast.
func (s *Store) tooEarly(ctx context.Context, table string) (n int64, err error) {
	err = s.sqlR.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE updated_at < %d", table, int64(plausibleFrom))).Scan(&n)
	return n, err
}

// noteRowTimes keeps what a round found, and logs it where it is new.
func (s *Store) noteRowTimes(found implausible) {
	if found == s.rows.get() {
		return
	}
	s.rows.last.Store(&found)
	switch {
	case found.clock:
		s.log.Warn("the clock is not set: nothing is deleted for its age", "code", vocabulary.ConditionClockImplausible, "clock", s.stamp().String())
	case found == implausible{}:
		s.log.Info("the times of all rows are plausible again", "code", vocabulary.ConditionRowTimeImplausible, "alerts", 0, "connections", 0)
	default:
		s.log.Warn("rows have times that are not plausible: they are not deleted for their age", "code", vocabulary.ConditionRowTimeImplausible,
			"alerts", found.alerts, "connections", found.connections, "file", s.cfg.Path, "advice", "docs/operations.md has how to date them")
	}
}

// RowTimes is nil where retention can go by the clock and by the times of all rows. Else
// it says, after a code, how many rows are kept because their time is not plausible. The
// last round of Retain is what it goes by.
func (s *Store) RowTimes() error {
	switch found := s.rows.get(); {
	case found.clock:
		return obs.Degraded(vocabulary.ConditionClockImplausible, nil, "the clock is not set; nothing is deleted for its age")
	case found != implausible{}:
		return obs.Degraded(vocabulary.ConditionRowTimeImplausible, obs.Params{"alerts": found.alerts, "connections": found.connections},
			"%d alerts and %d connections have times that are not plausible, and are not deleted for their age", found.alerts, found.connections)
	}
	return nil
}

// register shows the metrics where there is a registerer.
func (s *Store) register() error {
	if s.reg == nil {
		return nil
	}
	desc := prometheus.NewDesc("netlyra_store_implausible_rows", "Rows that retention does not delete for their age, because their time is not plausible.", []string{"table"}, nil)
	return s.reg.Register(rowTimesCollector{s, desc})
}

type rowTimesCollector struct {
	store *Store
	desc  *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c rowTimesCollector) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect implements prometheus.Collector.
func (c rowTimesCollector) Collect(ch chan<- prometheus.Metric) {
	found := c.store.rows.get()
	ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(found.alerts), "alerts")
	ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(found.connections), "connections")
}
