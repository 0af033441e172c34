package ledger

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
)

// collector exports the equations of a ledger to Prometheus.
type collector struct {
	ledger                               func() models.Ledger
	inFlight, difference, addsUp, atRest *prometheus.Desc
}

// NewCollector returns a collector of netlyra_ledger_in_flight and
// netlyra_ledger_difference by equation, and of netlyra_ledger_adds_up and
// netlyra_ledger_at_rest (0 or 1) over all equations.
func NewCollector(ledger func() models.Ledger) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("netlyra_ledger_"+name, help, labels, nil)
	}
	return &collector{
		ledger:     ledger,
		inFlight:   desc("in_flight", "What went into an equation of the ledger and has not come out yet.", "check"),
		difference: desc("difference", "Unexplained difference of an equation; if not 0, something is lost or counted twice.", "check"),
		addsUp:     desc("adds_up", "1 if every equation of the ledger holds."),
		atRest:     desc("at_rest", "1 if nothing moves and nothing waits."),
	}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.inFlight, c.difference, c.addsUp, c.atRest} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	l := c.ledger()
	for _, e := range l.Checks {
		gauge(c.inFlight, float64(e.InFlight), e.Name)
		gauge(c.difference, float64(e.Difference), e.Name)
	}
	gauge(c.addsUp, truth(l.AddsUp))
	gauge(c.atRest, truth(l.AtRest))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
