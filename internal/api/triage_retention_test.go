package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store"
)

// Retention deletes no row, note or history entry of an alert within its maximum age, after
// any change of state that the API allows, with and without a note.
func TestRetentionKeepsTriage(t *testing.T) {
	now := time.Now()
	cfg := store.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "net.db")
	st, err := store.Open(t.Context(), cfg, store.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	f := newFixture(t, func(_ *api.Config, d *api.Deps) { d.Alerts, d.Connections = st, st })
	type expected struct {
		state, note string
		history     int
	}
	want := map[string]expected{}
	patch := func(id, body string, w expected) {
		t.Helper()
		if r := f.ask(http.MethodPatch, "/api/v1/alerts/"+id, body, false, "Content-Type", "application/json"); r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", body, r.StatusCode, r.body)
		}
		want[id] = w
	}
	for _, from := range models.TriageStates() {
		for _, to := range models.TriageStates() {
			for _, note := range []string{"", "seen"} {
				a := seedAlerts()[0]
				a.ID = fmt.Sprintf("%s-%s-%s", from, to, note)
				if err := st.SaveAlerts(t.Context(), []models.Alert{a}); err != nil {
					t.Fatal(err)
				}
				w := expected{state: string(from)}
				if from != models.TriageNew {
					w.history++
					patch(a.ID, fmt.Sprintf(`{"state":%q}`, from), w)
				}
				if w.state, w.note = string(to), note; from != to || note != "" {
					w.history++
				}
				body := fmt.Sprintf(`{"state":%q,"author":"x"}`, to)
				if note != "" {
					body = fmt.Sprintf(`{"state":%q,"note":%q,"author":"x"}`, to, note)
				}
				patch(a.ID, body, w)
			}
		}
	}
	check := func(when string) {
		t.Helper()
		for id, w := range want {
			r := f.ask(http.MethodGet, "/api/v1/alerts/"+id, "", false)
			var d models.AlertDetail
			if err := json.Unmarshal(r.body, &d); err != nil || r.StatusCode != http.StatusOK {
				t.Errorf("%s: %s: %d, %v", when, id, r.StatusCode, err)
				continue
			}
			if string(d.State) != w.state || d.Note != w.note || len(d.Triage) != w.history {
				t.Errorf("%s: %s is %s %q with %d entries, want %+v", when, id, d.State, d.Note, len(d.Triage), w)
			}
		}
	}
	check("before retention")
	for _, age := range []time.Duration{0, time.Hour, cfg.MaxAge - 2*time.Hour} { // all within the maximum age
		now = now.Add(age)
		if d, err := st.Retain(t.Context()); err != nil || d.Alerts != 0 {
			t.Errorf("retention after %v: %+v, %v", age, d, err)
		}
		check(fmt.Sprintf("after retention at %v", age))
	}
	now = now.Add(3 * time.Hour)
	if d, err := st.Retain(t.Context()); err != nil || d.Alerts != int64(len(want)) {
		t.Errorf("above the maximum age: %+v, %v", d, err)
	}
}
