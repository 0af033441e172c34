package engine

import (
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// Every scored packet is counted once, with or without an alert, and the counts of the alerts
// add up to the packets with one. A restored pipeline continues to count.
func TestScoredPacketsAreAccountedFor(t *testing.T) {
	list := scanned(1)
	for _, c := range []struct {
		name     string
		perDay   float64
		withheld bool
	}{{"no limit", 0, false}, {"a tiny budget", 1e-6, true}} {
		t.Run(c.name, func(t *testing.T) {
			cfg, alerts := DefaultConfig(), map[string]models.Alert{}
			cfg.AlertsPerDay = c.perDay
			first, err := NewPipeline(cfg, 0, func(a *models.Alert) { alerts[a.ID] = *a })
			if err != nil {
				t.Fatal(err)
			}
			if c.withheld {
				first.budget.tokens = 0
			}
			run(first, list[:len(list)*19/20], 0)
			p, err := NewPipeline(cfg, 0, func(a *models.Alert) { alerts[a.ID] = *a })
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Restore(first.AppendState(nil)); err != nil {
				t.Fatal(err)
			}
			run(p, list[len(list)*19/20:], 0)
			p.Flush()
			var counted uint64
			for _, a := range alerts {
				counted += a.Count
			}
			s := p.Status()
			if s.Packets != uint64(len(list)) || s.Packets != s.Scored+s.Cold || s.Scored != s.Passed+s.Alerted+s.Withheld {
				t.Errorf("counts do not add up: %+v", s)
			}
			if s.Alerted != counted || (s.Alerted > 0) == c.withheld || (s.Withheld > 0) != c.withheld {
				t.Errorf("%d packets in alerts, sum of the alerts' counts is %d; %d withheld", s.Alerted, counted, s.Withheld)
			}
		})
	}
}
