package obs

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func TestHealth(t *testing.T) {
	h := NewHealth()
	expect := func(wantStatus string, wantReady bool, want map[string]string, codes ...string) {
		t.Helper()
		s := h.Snapshot()
		if s.Status != wantStatus || s.Ready != wantReady || h.Ready() != wantReady {
			t.Errorf("status %s ready %v, want %s %v", s.Status, s.Ready, wantStatus, wantReady)
		}
		if diff := cmp.Diff(want, s.Components); diff != "" {
			t.Error(diff)
		}
		var got []string
		for _, c := range s.Conditions {
			got = append(got, c.Stage+" "+c.Code)
		}
		if diff := cmp.Diff(codes, got); diff != "" {
			t.Error(diff)
		}
	}
	expect("ok", true, map[string]string{})
	h.Set("kafka", nil)
	expect("ok", true, map[string]string{"kafka": "ok"})
	h.Set("scoring", Info("standby", nil, "standby"))
	expect("ok", true, map[string]string{"kafka": "ok", "scoring": "standby"}, "scoring standby")
	h.Set("scoring", nil)
	h.Set("live", fmt.Errorf("hub: %w", Degraded("slow_clients", nil, "a client is slow")))
	expect("degraded", true, map[string]string{"kafka": "ok", "live": "hub: a client is slow", "scoring": "ok"}, "live slow_clients")
	h.Set("kafka", errors.New("broker gone"))
	expect("degraded", false, map[string]string{"kafka": "broker gone", "live": "hub: a client is slow", "scoring": "ok"}, "kafka unspecified", "live slow_clients")
	h.Set("live", Join(nil, nil))
	h.Check("kafka", func() error { return nil }) // does not hide what was set
	expect("degraded", false, map[string]string{"kafka": "broker gone", "live": "ok", "scoring": "ok"}, "kafka unspecified")
	h.Set("kafka", nil)
	h.Check("disk", func() error { h.Set("seen", nil); return Failed("disk_full", nil, "full") })
	h.Snapshot()
	expect("degraded", false, map[string]string{"kafka": "ok", "live": "ok", "disk": "full", "seen": "ok", "scoring": "ok"}, "disk disk_full")
}

// A component may have several conditions; parameters and causes stay with each.
func TestConditions(t *testing.T) {
	cause := errors.New("no space left")
	err := Join(Degraded("held_back", Params{"share": 0.5}, "held back"), nil, Failed("disk_full", nil, "write: %w", cause), errors.New("other"))
	if !errors.Is(err, cause) {
		t.Error("the cause is not in the chain")
	}
	var h Health
	h.Set("publish", err)
	s := h.Snapshot()
	want := []vocabulary.Condition{
		{Stage: "publish", Code: "held_back", Severity: vocabulary.SeverityDegraded, Params: map[string]any{"share": 0.5}, Text: "held back"},
		{Stage: "publish", Code: "disk_full", Severity: vocabulary.SeverityFailed, Text: "write: no space left"},
		{Stage: "publish", Code: vocabulary.ConditionUnspecified, Severity: vocabulary.SeverityFailed, Text: "other"},
	}
	if diff := cmp.Diff(want, s.Conditions); diff != "" {
		t.Error(diff)
	}
	if text := s.Components["publish"]; text != "held back; write: no space left; other" {
		t.Error(text)
	}
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHealth()
		beat := h.Heartbeat("capture", 2*time.Second)
		for range 5 {
			<-time.After(2 * time.Second)
			if !h.Ready() {
				t.Fatal("not ready within the limit")
			}
			beat()
		}
		<-time.After(3 * time.Second)
		if c := h.Snapshot().Conditions; len(c) != 1 || c[0].Code != vocabulary.ConditionUnresponsive || c[0].Params["seconds"] != 3.0 {
			t.Error(c)
		}
		beat()
		if !h.Ready() {
			t.Error("not ready after a beat")
		}
	})
}
