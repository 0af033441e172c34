package client_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// TestMetrics: two Clients, groups and many short-lived clients on one registry.
func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	b := bustest.StartBroker(t, "")
	c := bustest.Dial(t, b.Addr(), client.Deps{Registerer: reg}, nil)
	bustest.Dial(t, b.Addr(), client.Deps{Registerer: reg}, func(c *client.Config) { c.ClientID = "second" })
	g, stop := bustest.Join(t, c, consumer.GroupConfig{}, bustest.NewCollector())
	bustest.Publish(t, c, 0, 10)
	c.PublishConnection(&models.Connection{ID: "C1"})
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := consumer.Tail(t.Context(), c, consumer.TailConfig{Topics: []string{c.Config().Topics.Packets}, From: consumer.From{Beginning: true}, ToEnd: true}, func(*models.Record) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	got := gathered(t, reg)
	for name, want := range map[string]float64{
		"netlyra_bus_consumed_records_total " + c.Config().EngineGroup + " " + c.Config().Topics.Packets: 10,
		"netlyra_bus_published_records_total " + c.Config().Topics.Packets:                               10,
		"netlyra_bus_published_records_total " + c.Config().Topics.Connections:                           1,
		"netlyra_bus_lost_records_total " + c.Config().EngineGroup + " " + c.Config().Topics.Packets:     0,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s: %v, want %v", name, v, want)
		}
	}
	for _, id := range []string{"bulk", "group-" + c.Config().EngineGroup} {
		n := 0.0
		for name, v := range got {
			if strings.HasPrefix(name, "netlyra_kafka_connects_total netlyra-"+id+" ") { // followed by the broker id
				n += v
			}
		}
		if n == 0 {
			t.Errorf("client %s has no metric of connections: %v", id, got)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if len(client.ClientIDs(c)) != 3 { // admin, immediate and bulk
		t.Errorf("ids in use: %v", client.ClientIDs(c))
	}
}

// gathered returns the value of each counter by its name and label values.
func gathered(t *testing.T, reg prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			out[name] = m.GetCounter().GetValue()
		}
	}
	return out
}
