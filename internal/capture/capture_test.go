package capture

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	if _, err := NewMetrics(reg, func() Stats {
		return Stats{Received: 7, Dropped: 2, ByReason: map[string]uint64{vocabulary.DropKernel: 2, vocabulary.DropFilter: 3}}
	}); err != nil {
		t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += " " + l.GetValue()
			}
			got[name] = m.Counter.GetValue()
		}
	}
	for name, want := range map[string]float64{"netlyra_capture_frames_total": 7, "netlyra_capture_missed_frames_total kernel": 2, "netlyra_capture_missed_frames_total filter": 3} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

func TestOptionErrors(t *testing.T) {
	for _, o := range []Options{{SnapLen: 63}, {SnapLen: MaxFrame + 1}, {RingBytes: 1}, {RingBytes: 2 << 30}, {SnapLen: -1}} {
		if o.Validate() == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	if err := DefaultOptions().Validate(); err != nil {
		t.Error(err)
	}
}
