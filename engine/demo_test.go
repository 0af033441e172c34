package engine

import (
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/capture/demo"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// played returns the packets of a demo and the label of each.
func played(t *testing.T, cfg demo.Config) (list []models.PacketMeta, labels []string) {
	t.Helper()
	g, err := demo.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	list, _ = readSource(t, g, func() { labels = append(labels, g.Label()) })
	return list, labels
}

// TestDemoAttacks expects alerts for every kind of attack after ten minutes of office traffic.
func TestDemoAttacks(t *testing.T) {
	for _, kind := range demo.Names() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			cfg := demo.DefaultConfig()
			cfg.Rate, cfg.Rotation, cfg.Duration = 15, nil, 14*time.Minute
			cfg.Attacks = []demo.Attack{{Kind: kind, At: 10 * time.Minute}}
			list, labels := played(t, cfg)
			alerts := map[string]models.Alert{}
			scores := run(pipeline(t, alerts), list, 0)
			found, others := 0, 0
			for i, s := range scores {
				switch {
				case s < .8:
				case labels[i] == kind:
					found++
				case labels[i] == "":
					others++
				}
			}
			if found == 0 {
				t.Errorf("no packet of the attack raised an alert")
			}
			if len(alerts) > 5 {
				t.Errorf("%d alerts, of which %d packets are of the office", len(alerts), others)
			}
			for _, a := range alerts {
				t.Log(a.Kind, a.Count, a.Summary)
			}
		})
	}
}

// TestDemoColdStart expects true alerts within half a minute of a cold start.
func TestDemoColdStart(t *testing.T) {
	cfg := demo.DefaultConfig()
	cfg.Duration = 30 * time.Second
	list, labels := played(t, cfg)
	alerts := map[string]models.Alert{}
	scores := run(pipeline(t, alerts), list, 0)
	attacks, others := map[string]int{}, 0
	for i, s := range scores {
		if s >= .8 && labels[i] != "" {
			attacks[labels[i]]++
		} else if s >= .8 {
			others++
		}
	}
	if attacks[demo.SYNScan] == 0 || attacks[demo.SYNFlood] == 0 {
		t.Errorf("packets above the threshold by attack: %v; want the scan and the flood", attacks)
	}
	if others > len(list)/200 || len(alerts) > 4 {
		t.Errorf("%d packets of the office above the threshold, %d alerts in total", others, len(alerts))
	}
}

// TestKindsLast expects that the kind of an episode does not change while the attack repeats
// or pauses.
func TestKindsLast(t *testing.T) {
	cfg := demo.DefaultConfig()
	cfg.Duration = 150 * time.Second
	list, _ := played(t, cfg)
	said := map[string]map[string]bool{} // source to kinds
	p, err := NewPipeline(DefaultConfig(), 0, func(a *models.Alert) {
		if said[a.SrcIP] == nil {
			said[a.SrcIP] = map[string]bool{}
		}
		said[a.SrcIP][a.Kind] = true
	})
	if err != nil {
		t.Fatal(err)
	}
	run(p, list, 0)
	p.Flush()
	// Two floods of one host overlap and are one alert.
	for source, want := range map[string]string{"192.168.10.108": vocabulary.KindExfiltration, "203.0.113.77": vocabulary.KindFlood} {
		kinds := said[source]
		delete(kinds, vocabulary.KindUnusual) // before it is recognized
		if len(kinds) != 1 || !kinds[want] {
			t.Errorf("%s: %v, want %s alone", source, kinds, want)
		}
	}
}
