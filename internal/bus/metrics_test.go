package bus

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models"
)

// TestMetrics: two Clients, groups and many short-lived clients on one registry.
func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	b := broker(t, "")
	c := dial(t, b.Addr(), Deps{Registerer: reg}, nil)
	dial(t, b.Addr(), Deps{Registerer: reg}, func(c *Config) { c.ClientID = "second" })
	g, stop := join(t, c, GroupConfig{}, newCollector())
	publish(t, c, 0, 10)
	c.PublishConnection(&models.Connection{ID: "C1"})
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := g.WaitCaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := c.Tail(t.Context(), TailConfig{Topics: []string{c.cfg.Topics.Packets}, From: From{Beginning: true}, ToEnd: true}, func(*models.Record) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	got := gathered(t, reg)
	for name, want := range map[string]float64{
		"netlyra_bus_consumed_records_total " + c.cfg.EngineGroup + " " + c.cfg.Topics.Packets: 10,
		"netlyra_bus_published_records_total " + c.cfg.Topics.Packets:                          10,
		"netlyra_bus_published_records_total " + c.cfg.Topics.Connections:                      1,
		"netlyra_bus_lost_records_total " + c.cfg.EngineGroup + " " + c.cfg.Topics.Packets:     0,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s: %v, want %v", name, v, want)
		}
	}
	for _, id := range []string{"bulk", "group-" + c.cfg.EngineGroup} {
		n := 0.0
		for name, v := range got {
			if strings.HasPrefix(name, "netlyra_kafka_connects_total netlyra-"+id+" ") { // and the broker's number
				n += v
			}
		}
		if n == 0 {
			t.Errorf("client %s does not show its connections: %v", id, got)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if len(c.metrics.used) != 3 { // admin, prompt and bulk
		t.Errorf("ids in use: %v", c.metrics.used)
	}
}

// gathered is the value of each counter by its name and the values of its labels.
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

func TestHealthSpeaksOnChange(t *testing.T) {
	var said []string
	h := &health{report: func(_ string, err error) {
		if err == nil {
			said = append(said, "ok")
		} else {
			said = append(said, err.Error())
		}
	}, log: slog.New(slog.DiscardHandler), down: map[int32]error{}}
	gone := errors.New("gone")
	connect := func(node int32, err error) {
		h.OnBrokerConnect(kgo.BrokerMetadata{NodeID: node, Host: "h", Port: node}, 0, nil, err)
	}
	connect(1, nil)
	connect(1, gone)
	connect(1, gone)
	connect(2, nil) // another broker is there: still one is lost
	connect(-5, gone)
	connect(1, nil) // also forgives the address to begin with
	connect(1, nil)
	want := "broker h:1 is unreachable: gone|broker h:-5 is unreachable: gone|ok"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
