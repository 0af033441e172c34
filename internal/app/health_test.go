package app

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/capture/demo/demotest"
	"github.com/netlyra/netlyra/internal/ledger"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/sensor"
)

// The core's health shows the conditions of other processes with their codes; those that
// are only info, and its own, are omitted.
func TestHealthOfOtherProcesses(t *testing.T) {
	f := &feed{aggregator: ledger.NewAggregator()}
	report := func(instance, role, component, code string, severity vocabulary.Severity) {
		f.aggregator.Observe(&models.InstanceStats{Instance: instance, Role: role, TS: models.TimestampOf(time.Now()),
			Conditions: []vocabulary.Condition{{Stage: component, Code: code, Severity: severity, Text: "text", Params: map[string]any{"count": 5}}}})
	}
	f.aggregator.Observe(&models.InstanceStats{Instance: "a-1", Role: "probe", Health: map[string]string{"capture": obs.StatusOK}})
	report("b-2", "engine", "scoring", vocabulary.ConditionStandby, vocabulary.SeverityInfo)
	report(instanceName(), "core", "store", vocabulary.ConditionStoreUnavailable, vocabulary.SeverityFailed)
	if err := f.othersHealth(); err != nil {
		t.Error(err)
	}
	for i := range maxOthers + 3 {
		report(strings.Repeat("p", i+1), "probe", "capture", vocabulary.ConditionKernelDrops, vocabulary.SeverityFailed)
	}
	h := obs.NewHealth()
	h.Set("processes", f.othersHealth())
	s := h.Snapshot()
	if !s.Ready || len(s.Conditions) != maxOthers+1 {
		t.Fatalf("%+v; want ready, %d conditions", s, maxOthers+1)
	}
	first, last := s.Conditions[0], s.Conditions[maxOthers]
	want := map[string]any{"count": 5, "instance": "p", "role": "probe", "component": "capture"}
	if diff := cmp.Diff(want, first.Params); diff != "" || first.Code != vocabulary.ConditionKernelDrops {
		t.Errorf("%+v\n%s", first, diff)
	}
	if last.Code != vocabulary.ConditionMore || last.Params["count"] != 3 {
		t.Errorf("%+v", last)
	}
}

// A process of a version without conditions degrades the core by its texts.
func TestHealthOfOlderProcess(t *testing.T) {
	f := &feed{aggregator: ledger.NewAggregator()}
	f.aggregator.Observe(&models.InstanceStats{Instance: "p-1", Role: "probe", Health: map[string]string{"capture": "lossy", "kafka": obs.StatusOK}})
	var c *obs.ConditionError
	if err := f.othersHealth(); !errors.As(err, &c) || c.Code != vocabulary.ConditionUnspecified || c.Params["component"] != "capture" {
		t.Errorf("%v, %+v", err, c)
	}
}

// The health of an up process has all of its components.
func TestHealthOfUp(t *testing.T) {
	cfg := station(t)
	r := runUp(t, cfg, sensor.Input{Source: demotest.Office(t, 5*time.Second)}, false)
	r.untilRest()
	var health struct {
		Status     string
		Components map[string]string
	}
	if err := json.Unmarshal(r.get("api/v1/health"), &health); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kafka", "store", "engine", "capture", "publish", "scoring", "live", vocabulary.StageSendAlerts, vocabulary.StageSendConnections, "ledger", "processes", "retention"} {
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
