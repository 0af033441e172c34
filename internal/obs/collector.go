package obs

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// ledgerCollector exports the counts of a Ledger to Prometheus.
type ledgerCollector struct {
	ledger                  *Ledger
	in, out, bytes, dropped *prometheus.Desc
}

// NewLedgerCollector returns a collector of netlyra_stage_in_total,
// netlyra_stage_out_total and netlyra_stage_bytes_total by stage, and of
// netlyra_stage_dropped_total by stage and reason.
func NewLedgerCollector(l *Ledger) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("netlyra_stage_"+name+"_total", help, append([]string{"stage"}, labels...), nil)
	}
	return &ledgerCollector{
		ledger:  l,
		in:      desc("in", "Packets or records that came into the stage."),
		out:     desc("out", "Packets or records that the stage passed on."),
		bytes:   desc("bytes", "Wire bytes that came into the stage, if it knows them."),
		dropped: desc("dropped", "Packets or records that the stage dropped.", "reason"),
	}
}

// Describe implements prometheus.Collector.
func (c *ledgerCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.in, c.out, c.bytes, c.dropped} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *ledgerCollector) Collect(ch chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	for _, s := range c.ledger.Counts() {
		send(c.in, s.In, s.Stage)
		send(c.out, s.Out, s.Stage)
		send(c.bytes, s.Bytes, s.Stage)
		for reason, n := range s.Dropped {
			send(c.dropped, n, s.Stage, reason)
		}
	}
}

// Register registers collectors of the ledger, the build, the Go runtime and the process.
func Register(r prometheus.Registerer, l *Ledger) error {
	b := BuildInfo()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "netlyra_build_info", Help: "Always 1; the labels describe the binary.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Commit, "go": b.Go},
	})
	info.Set(1)
	for _, c := range []prometheus.Collector{
		NewLedgerCollector(l), info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := r.Register(c); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
	}
	return nil
}
