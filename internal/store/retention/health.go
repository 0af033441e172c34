package retention

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store/row"
)

// implausible is what a round of retention did not delete by age.
type implausible struct {
	alerts, connections int64 // rows with implausible row times
	clock               bool  // the wall clock is before row.PlausibleFrom
}

func (r *Retention) found() implausible {
	if p := r.last.Load(); p != nil {
		return *p
	}
	return implausible{}
}

// tooEarly counts the rows whose row time is before row.PlausibleFrom. The condition must
// equal that of the table's partial index of these rows, or the index is not used.
func (r *Retention) tooEarly(ctx context.Context, table string) (n int64, err error) {
	err = r.db.ReadSQL.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE updated_at < %d", table, int64(row.PlausibleFrom))).Scan(&n)
	return n, err
}

// report stores the result of a round and logs it if it differs from the previous one.
func (r *Retention) report(found implausible) {
	if found == r.found() {
		return
	}
	r.last.Store(&found)
	switch {
	case found.clock:
		r.log.Warn("clock is not set; nothing is deleted by age", vocabulary.EventClockImplausible.Attr(), "clock", models.TimestampOf(r.now()).String())
	case found == implausible{}:
		r.log.Info("all row times are plausible again", vocabulary.EventRowTimesPlausible.Attr())
	default:
		r.log.Warn("rows have implausible row times; they are not deleted by age", vocabulary.EventRowTimeImplausible.Attr(),
			"alerts", found.alerts, "connections", found.connections, "file", r.db.Path(), "advice", "see docs/operations.md for how to date them")
	}
}

// Health returns nil if the last round could use the clock and the row times of all rows.
// Otherwise it returns a condition: clock_implausible, or row_time_implausible with the
// number of rows that are kept because of it.
func (r *Retention) Health() error {
	switch found := r.found(); {
	case found.clock:
		return obs.Degraded(vocabulary.ConditionClockImplausible, nil, "clock is not set; nothing is deleted by age")
	case found != implausible{}:
		return obs.Degraded(vocabulary.ConditionRowTimeImplausible, obs.Params{"alerts": found.alerts, "connections": found.connections},
			"%d alerts and %d connections have implausible row times and are not deleted by age", found.alerts, found.connections)
	}
	return nil
}

var implausibleRows = prometheus.NewDesc("netlyra_store_implausible_rows",
	"Rows that retention does not delete by age, because their row time is implausible.", []string{"table"}, nil)

// Describe implements prometheus.Collector.
func (r *Retention) Describe(ch chan<- *prometheus.Desc) { ch <- implausibleRows }

// Collect implements prometheus.Collector.
func (r *Retention) Collect(ch chan<- prometheus.Metric) {
	found := r.found()
	ch <- prometheus.MustNewConstMetric(implausibleRows, prometheus.GaugeValue, float64(found.alerts), "alerts")
	ch <- prometheus.MustNewConstMetric(implausibleRows, prometheus.GaugeValue, float64(found.connections), "connections")
}
