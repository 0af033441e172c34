package obs

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
)

// bookCollector shows the equations of a ledger to Prometheus.
type bookCollector struct {
	ledger                               func() models.Ledger
	inFlight, difference, addsUp, atRest *prometheus.Desc
}

// NewBookCollector exports, by equation, netlyra_ledger_in_flight and
// netlyra_ledger_difference, and over all of them netlyra_ledger_adds_up (0 or 1) and
// netlyra_ledger_at_rest (0 or 1).
func NewBookCollector(ledger func() models.Ledger) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("netlyra_ledger_"+name, help, labels, nil)
	}
	return &bookCollector{
		ledger:     ledger,
		inFlight:   desc("in_flight", "What went into an equation of the ledger and has not come out yet.", "check"),
		difference: desc("difference", "What nothing explains; other than 0, something is lost or counted twice.", "check"),
		addsUp:     desc("adds_up", "1 where every equation of the ledger holds."),
		atRest:     desc("at_rest", "1 where nothing moves and nothing waits."),
	}
}

// Describe implements prometheus.Collector.
func (c *bookCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.inFlight, c.difference, c.addsUp, c.atRest} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *bookCollector) Collect(ch chan<- prometheus.Metric) {
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
