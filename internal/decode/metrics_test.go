package decode

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
)

func TestMetrics(t *testing.T) {
	d := New(DefaultConfig())
	if err := d.Register(nil); err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewRegistry()
	if err := d.Register(reg); err != nil {
		t.Fatal(err)
	}
	var p models.Packet
	whole := big4(t)
	for _, b := range [][]byte{
		fragment4(t, whole, 1, 0, 1480), fragment4(t, whole, 1, 800, 1600), fragment4(t, whole, 1, 1480, 3008),
		outer4(t, 47, []byte{0x40, 0, 8, 0}),
	} {
		f := frame(b)
		f.Link = models.LinkRaw
		_ = d.Decode(f, &p)
	}
	got := map[string]float64{}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[f.GetName()] += m.GetCounter().GetValue()
		}
	}
	for name, want := range map[string]float64{
		"netlyra_decode_datagrams_total": 1, "netlyra_decode_fragments_total": 3,
		"netlyra_decode_fragment_overlaps_total": 2, "netlyra_decode_fragment_conflicts_total": 0,
		"netlyra_decode_fragments_expired_total": 0, "netlyra_decode_inner_skipped_total": 1,
	} {
		if n, there := got[name]; !there || n != want {
			t.Errorf("%s is %v, want %v", name, n, want)
		}
	}
	if n := d.Stats().InnerSkip[BadTunnelHeader]; n != 1 {
		t.Errorf("%d bad tunnel headers", n)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, spoil := range []func(*Config){
		func(c *Config) { c.EntropyBytes = -1 },
		func(c *Config) { c.MaxTunnels = models.MaxTunnels + 1 },
		func(c *Config) { c.MaxDatagrams = -1 },
		func(c *Config) { c.MaxFragmentBytes = -1 },
		func(c *Config) { c.FragmentTimeout = -1 },
	} {
		c := DefaultConfig()
		spoil(&c)
		if c.Validate() == nil {
			t.Errorf("%+v passes", c)
		}
	}
}
