package decode

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Register registers the counters of Stats with reg, which may be nil. The caller of Decode
// counts packets and reasons.
func (d *Decoder) Register(reg prometheus.Registerer) error {
	if reg == nil {
		return nil
	}
	e := &d.events
	for _, m := range []struct {
		name, help string
		n          *atomic.Uint64
	}{
		{"netlyra_decode_datagrams_total", "IP datagrams reassembled from fragments.", &e.datagrams},
		{"netlyra_decode_fragments_total", "IP fragments that waited for the rest of their datagram.", &e.fragments},
		{"netlyra_decode_fragment_overlaps_total", "IP fragments that overlap another.", &e.overlaps},
		{"netlyra_decode_fragment_conflicts_total", "Overlapping IP fragments whose bytes differ.", &e.conflicts},
		{"netlyra_decode_fragments_expired_total", "Incomplete IP datagrams dropped after the time-out.", &e.expired},
		{"netlyra_decode_fragments_evicted_total", "Incomplete IP datagrams dropped because of the limits.", &e.evicted},
	} {
		if err := reg.Register(counter(m.name, m.help, nil, m.n)); err != nil {
			return err
		}
	}
	for _, r := range Reasons() {
		labels := prometheus.Labels{"reason": r.Code()}
		const help = "Tunnels whose content was not decoded; the outer packet is counted."
		if err := reg.Register(counter("netlyra_decode_inner_skipped_total", help, labels, &e.inner[r])); err != nil {
			return err
		}
	}
	return nil
}

func counter(name, help string, labels prometheus.Labels, n *atomic.Uint64) prometheus.Collector {
	opts := prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}
	return prometheus.NewCounterFunc(opts, func() float64 { return float64(n.Load()) })
}
