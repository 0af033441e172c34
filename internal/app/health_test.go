package app

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// What ails a process is in the core's health, with its name; what is only said is not.
func TestHealthOfOtherProcesses(t *testing.T) {
	f := &feed{aggregator: obs.NewAggregator()}
	tell := func(instance, role string, health map[string]string) {
		f.aggregator.Observe(&models.InstanceStats{Instance: instance, Role: role, TS: models.TimestampOf(time.Now()), Health: health})
	}
	tell("a-1", "probe", map[string]string{"capture": "ok"})
	tell("b-2", "engine", map[string]string{"scoring": obs.Standby + ": others work"})
	tell(instanceName(), "core", map[string]string{"store": "is in the answer itself"})
	if err := f.othersHealth(); err != nil {
		t.Error(err)
	}
	for i := range maxAiling + 3 {
		tell(strings.Repeat("p", i+1), "probe", map[string]string{"capture": "loses"})
	}
	err := f.othersHealth()
	if err == nil || !strings.Contains(err.Error(), "probe p: capture: loses") || !strings.HasSuffix(err.Error(), "and 3 more") {
		t.Error(err)
	}
	h := obs.NewHealth()
	h.Set("processes", err)
	if !h.Ready() {
		t.Error("the core can do its work all the same")
	}
}

// An up process asks all of its components.
func TestHealthOfUp(t *testing.T) {
	cfg := station(t)
	r := runUp(t, cfg, Input{Source: office(t, 5*time.Second)}, false)
	r.untilRest()
	var health struct {
		Status     string
		Components map[string]string
	}
	if err := json.Unmarshal(r.get("api/v1/health"), &health); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kafka", "store", "engine", "capture", "publish", "scoring", "live", "send alerts", "send connections", "ledger", "processes", "retention"} {
		if health.Components[name] != obs.StatusOK {
			t.Errorf("%s: %q", name, health.Components[name])
		}
	}
	if health.Status != obs.StatusOK {
		t.Errorf("%+v", health)
	}
	if text := string(r.get("metrics")); !strings.Contains(text, "netlyra_ledger_adds_up 1\n") || !strings.Contains(text, `netlyra_ledger_difference{check="log"} 0`) {
		t.Error("the ledger is not in the metrics")
	}
	r.end()
}
