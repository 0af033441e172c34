package store

import (
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

// expected is the expected state of an alert.
type expected struct {
	written time.Time
	state   models.TriageState
	note    string
	history int
	count   uint64
}

// With triage and records in any order, retention deletes a row, its state, note and history
// when it has not been written for MaxAge, and not earlier.
func TestRetentionWithTriageAndRecords(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxAge, cfg.MaxBytes = 10*24*time.Hour, 0
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Date(2026, 11, 29, 0, 0, 0, 1, time.UTC)
		cfg.Path = filepath.Join(t.TempDir(), "data", "net.db")
		s, err := Open(t.Context(), cfg, WithClock(func() time.Time { return now }))
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		rows := map[int]*expected{}
		pick := rapid.IntRange(0, 4)
		rt.Repeat(map[string]func(*rapid.T){
			"record": func(rt *rapid.T) {
				i := pick.Draw(rt, "alert")
				if rows[i] == nil {
					rows[i] = &expected{state: models.TriageNew, count: storetest.Alert(i).Count}
				}
				r, a := rows[i], storetest.Alert(i)
				if a.Count = rapid.Uint64Range(1, 50).Draw(rt, "count"); r.written.IsZero() || a.Count >= r.count {
					r.written, r.count = now, a.Count
				}
				saveAlerts(rt, s, a)
			},
			"triage": func(rt *rapid.T) {
				i := pick.Draw(rt, "alert")
				r := rows[i]
				if r == nil {
					rt.Skip("no such alert")
					return
				}
				var change models.Triage
				state := rapid.SampledFrom(models.TriageStates()).Draw(rt, "state")
				note := rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "note")
				if rapid.Bool().Draw(rt, "with note") {
					change.Note = &note
				}
				if change.Note == nil || rapid.Bool().Draw(rt, "with state") {
					change.State = &state
				}
				before := *r
				if change.State != nil {
					r.state = state
				}
				if change.Note != nil {
					r.note = note
				}
				if r.state != before.state || r.note != before.note {
					r.history, r.written = r.history+1, now
				}
				if _, err := s.Triage(t.Context(), storetest.Alert(i).ID, change); err != nil {
					rt.Fatal(err)
				}
			},
			"retention": func(rt *rapid.T) {
				if _, err := s.Retain(t.Context()); err != nil {
					rt.Fatal(err)
				}
				for i, r := range rows {
					if now.Sub(r.written) > cfg.MaxAge {
						delete(rows, i)
					}
				}
			},
			"time": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.Int64Range(0, int64(4*24*time.Hour)).Draw(rt, "passed")))
			},
			"": func(rt *rapid.T) { check(rt, s, rows) },
		})
	})
}

// check compares the database with the expected rows.
func check(rt *rapid.T, s *Store, rows map[int]*expected) {
	var alerts, history, want int
	if err := s.db.ReadSQL.QueryRow("SELECT (SELECT count(*) FROM alerts), (SELECT count(*) FROM alert_triage)").Scan(&alerts, &history); err != nil {
		rt.Fatal(err)
	}
	for i, r := range rows {
		want += r.history
		d, err := s.Alert(rt.Context(), storetest.Alert(i).ID)
		if err != nil {
			rt.Fatalf("alert %d was deleted: %v", i, err)
		}
		if d.State != r.state || d.Note != r.note || len(d.Triage) != r.history || d.Count != r.count {
			rt.Fatalf("alert %d is %s %q with %d entries, count %d; want %+v", i, d.State, d.Note, len(d.Triage), d.Count, *r)
		}
		var at models.Timestamp
		if err := s.db.ReadSQL.QueryRow("SELECT updated_at FROM alerts WHERE id = ?", storetest.Alert(i).ID).Scan(&at); err != nil || at != models.TimestampOf(r.written) {
			rt.Fatalf("alert %d was written at %v, want %v (%v)", i, at, r.written, err)
		}
	}
	if alerts != len(rows) || history != want {
		rt.Fatalf("%d alerts and %d entries of history, want %d and %d", alerts, history, len(rows), want)
	}
}
