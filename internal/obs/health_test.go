package obs

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHealth(t *testing.T) {
	h := NewHealth()
	expect := func(wantStatus string, wantReady bool, want map[string]string) {
		t.Helper()
		status, got := h.Snapshot()
		if status != wantStatus || h.Ready() != wantReady {
			t.Errorf("status %s ready %v, want %s %v", status, h.Ready(), wantStatus, wantReady)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	expect("ok", true, map[string]string{})
	h.Set("kafka", nil)
	expect("ok", true, map[string]string{"kafka": "ok"})
	h.Set("live", fmt.Errorf("hub: %w", Minor(errors.New("a client is slow"))))
	expect("degraded", true, map[string]string{"kafka": "ok", "live": "hub: a client is slow"})
	h.Set("kafka", errors.New("broker gone"))
	expect("degraded", false, map[string]string{"kafka": "broker gone", "live": "hub: a client is slow"})
	h.Set("live", Minor(nil))
	h.Check("kafka", func() error { return nil }) // does not hide what was said
	expect("degraded", false, map[string]string{"kafka": "broker gone", "live": "ok"})
	h.Set("kafka", nil)
	h.Check("disk", func() error { h.Set("seen", nil); return errors.New("full") })
	h.Snapshot()
	expect("degraded", false, map[string]string{"kafka": "ok", "live": "ok", "disk": "full", "seen": "ok"})
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
		if _, c := h.Snapshot(); c["capture"] != "no sign of life for 3s" {
			t.Error(c)
		}
		beat()
		if !h.Ready() {
			t.Error("a sign of life does not heal")
		}
	})
}
