package conntrack

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	m, err := NewMetrics(reg)
	if err != nil {
		t.Fatal(err)
	}
	table := New(DefaultConfig(), nil)
	establish(table, 10, 1e18)
	m.Observe(table)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		got[f.GetName()] = f.GetMetric()[0].GetCounter().GetValue() + f.GetMetric()[0].GetGauge().GetValue()
	}
	for name, want := range map[string]float64{
		"netlyra_conntrack_connections": 10, "netlyra_conntrack_begun_total": 10,
		"netlyra_conntrack_packets_total": 30, "netlyra_conntrack_evicted_total": 0,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %v, want %v", name, v, want)
		}
	}
	if _, err := NewMetrics(nil); err != nil {
		t.Error(err)
	}
}
