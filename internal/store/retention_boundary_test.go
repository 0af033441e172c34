package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store/row"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

// setTimes sets the row times of alert and connection i.
func setTimes(t *testing.T, s *Store, i int, at models.Timestamp) {
	t.Helper()
	s.mustExec(t, "UPDATE alerts SET updated_at = ?, inserted_at = ? WHERE id = ?", at, at, storetest.Alert(i).ID)
	s.mustExec(t, "UPDATE connections SET updated_at = ?, inserted_at = ? WHERE id = ?", at, at, storetest.Connection(i).ID)
}

// kept returns which of the first n alerts and connections exist.
func kept(t *testing.T, s *Store, n int) (alerts, conns []bool) {
	t.Helper()
	for i := range n {
		_, errA := s.Alert(t.Context(), storetest.Alert(i).ID)
		_, errC := s.Connection(t.Context(), storetest.Connection(i).ID)
		for _, err := range []error{errA, errC} {
			if err != nil && !errors.Is(err, models.ErrNotFound) {
				t.Fatal(err)
			}
		}
		alerts, conns = append(alerts, errA == nil), append(conns, errC == nil)
	}
	return alerts, conns
}

// The maximum age is exact to the nanosecond, and a row of exactly that age is kept. Rows
// with implausible times are kept, up to the limits of what is plausible.
func TestBoundariesOfTheAge(t *testing.T) {
	at, age := models.TimestampOf(someday), 10*24*time.Hour
	for name, tt := range map[string]struct {
		at   models.Timestamp
		kept bool
		odd  bool // counted as implausible
	}{
		"younger":                 {row.Earlier(at, age-1), true, false},
		"of the maximum age":      {row.Earlier(at, age), true, false},
		"older":                   {row.Earlier(at, age+1), false, false},
		"first plausible":         {row.PlausibleFrom, false, false},
		"last implausible":        {row.PlausibleFrom - 1, true, true},
		"now":                     {at, true, false},
		"last plausible ahead":    {row.Earlier(at, -row.MaxAhead), true, false},
		"first implausible ahead": {row.Earlier(at, -row.MaxAhead-1), true, true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t)
			cfg.MaxAge, cfg.ConnectionMaxAge, cfg.StaleAfter = age, age, 0
			s := openStore(t, cfg, WithClock(func() time.Time { return someday }))
			saveAlerts(t, s, storetest.Alert(0))
			saveConnections(t, s, storetest.Connection(0))
			setTimes(t, s, 0, tt.at)
			if _, err := s.Retain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if alerts, conns := kept(t, s, 1); alerts[0] != tt.kept || conns[0] != tt.kept {
				t.Errorf("alert kept %v, connection kept %v, want %v", alerts[0], conns[0], tt.kept)
			}
			want := ""
			if tt.odd {
				want = vocabulary.ConditionRowTimeImplausible
			}
			if got := obs.CodeOf(s.Health()); s.Health() != nil && got != want || s.Health() == nil && want != "" {
				t.Errorf("health %v, want condition %q", s.Health(), want)
			}
		})
	}
}

// A maximum age of 0 keeps rows of the table forever, without an effect on the other one.
func TestUnlimitedAgeOfOneTable(t *testing.T) {
	for _, tt := range []struct{ alerts, conns time.Duration }{{0, 0}, {time.Hour, 0}, {0, time.Hour}, {time.Hour, time.Hour}} {
		cfg := testConfig(t)
		cfg.MaxAge, cfg.ConnectionMaxAge = tt.alerts, tt.conns
		now := someday
		s := openStore(t, cfg, WithClock(func() time.Time { return now }))
		saveAlerts(t, s, storetest.Alert(0))
		saveConnections(t, s, storetest.Connection(0))
		now = now.AddDate(10, 0, 0)
		if _, err := s.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if alerts, conns := kept(t, s, 1); alerts[0] != (tt.alerts == 0) || conns[0] != (tt.conns == 0) {
			t.Errorf("%+v: alert kept %v, connection kept %v", tt, alerts[0], conns[0])
		}
	}
}

// The clock is used from row.PlausibleFrom on.
func TestBoundaryOfTheClock(t *testing.T) {
	for ns, want := range map[models.Timestamp]string{row.PlausibleFrom - 1: vocabulary.ConditionClockImplausible, row.PlausibleFrom: ""} {
		clock := time.Unix(0, int64(ns))
		s := openStore(t, testConfig(t), WithClock(func() time.Time { return clock }))
		if _, err := s.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Health(); want == "" && err != nil || want != "" && obs.CodeOf(err) != want {
			t.Errorf("clock %v: %v, want condition %q", clock.UTC(), err, want)
		}
	}
}

// Open connections without records expire after StaleAfter, to the nanosecond; those with a
// row time in the future expire above MaxAhead. Closed connections do not change.
func TestBoundariesOfStaleConnections(t *testing.T) {
	cfg := testConfig(t)
	cfg.StaleAfter = 20 * time.Minute
	s := openStore(t, cfg, WithClock(func() time.Time { return someday }))
	at := models.TimestampOf(someday)
	times := []models.Timestamp{row.Earlier(at, cfg.StaleAfter-1), row.Earlier(at, cfg.StaleAfter), row.Earlier(at, cfg.StaleAfter+1), row.Earlier(at, -row.MaxAhead), row.Earlier(at, -row.MaxAhead-1), 0}
	want := []bool{false, false, true, false, true, true}
	for _, phase := range []string{"new", "active", "idle", "closed"} {
		for i, v := range times {
			c := storetest.Connection(i)
			c.Phase, c.LastTS = phase, c.LastTS+1
			c.ID = fmt.Sprintf("%s-%d", phase, i)
			saveConnections(t, s, c)
			s.mustExec(t, "UPDATE connections SET updated_at = ? WHERE id = ?", v, c.ID)
		}
	}
	d, err := s.Retain(t.Context())
	if err != nil || d.Expired != 9 {
		t.Errorf("%d expired, want 9 (%v)", d.Expired, err)
	}
	for _, phase := range []string{"new", "active", "idle", "closed"} {
		for i := range times {
			c, err := s.Connection(t.Context(), fmt.Sprintf("%s-%d", phase, i))
			if err != nil {
				t.Fatal(err)
			}
			expected := phase
			if want[i] && phase != "closed" {
				expected = "expired"
			}
			if c.Phase != expected {
				t.Errorf("%s, written at %v: phase %s, want %s", phase, times[i], c.Phase, expected)
			}
		}
	}
	if p, err := s.Connections(t.Context(), models.ConnectionQuery{}); err != nil || p.Total != 9 {
		t.Errorf("%d open connections, want 9 (%v)", p.Total, err)
	}
}

// Rows are deleted in chunks; the numbers of rows around the size of a chunk are all
// deleted, and rows that were written later are kept wherever they are.
func TestRetentionAroundChunks(t *testing.T) {
	const chunk = 1000
	for _, old := range []int{1, chunk - 1, chunk, chunk + 1, 2 * chunk, 2*chunk + 1} {
		now := someday
		cfg := testConfig(t)
		cfg.ConnectionMaxAge, cfg.StaleAfter = time.Hour, 0
		s := openStore(t, cfg, WithClock(func() time.Time { return now }))
		rows := make([]models.Connection, old)
		for i := range rows {
			rows[i] = storetest.Connection(i)
		}
		saveConnections(t, s, rows...)
		now = now.Add(2 * time.Hour)
		updated := []int{0, old / 2, old - 1} // old insertion, new records
		slices.Sort(updated)
		updated = slices.Compact(updated)
		for _, i := range updated {
			c := rows[i]
			c.LastTS, c.Phase = c.LastTS+1, "active"
			saveConnections(t, s, c)
		}
		saveConnections(t, s, storetest.Connection(old), storetest.Connection(old+1))
		d, err := s.Retain(t.Context())
		if want := int64(old - len(updated)); err != nil || d.Connections != want {
			t.Errorf("%d rows: %d deleted, want %d (%v)", old, d.Connections, want, err)
		}
		if c, err := s.Counts(t.Context()); err != nil || c.Connections != int64(len(updated)+2) {
			t.Errorf("%d rows: %d kept, want %d (%v)", old, c.Connections, len(updated)+2, err)
		}
	}
}

// The size limit deletes closed connections first, then open ones, then alerts, in order of
// insertion, and stops as soon as the rest fits.
func TestOrderOfDeletionBySize(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxBytes, cfg.StaleAfter = 1<<20, 0
	s := openStore(t, cfg)
	save := func(n int, phase string, first int) {
		rows := make([]models.Connection, n)
		for i := range rows {
			rows[i] = storetest.Connection(first + i)
			rows[i].Phase = phase
		}
		saveConnections(t, s, rows...)
	}
	count := func(cond string) (n int) {
		t.Helper()
		if err := s.db.ReadSQL.QueryRow("SELECT count(*) FROM " + cond).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	save(1000, "active", 0) // open ones are older
	save(4000, "closed", 1000)
	alerts := make([]models.Alert, 100)
	for i := range alerts {
		alerts[i] = storetest.Alert(i)
	}
	saveAlerts(t, s, alerts...)
	if _, err := s.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o, c, a := count("connections WHERE open = 1"), count("connections WHERE open = 0"), count("alerts"); o != 1000 || c == 4000 || a != 100 {
		t.Errorf("kept %d open and %d closed connections and %d alerts", o, c, a)
	}
	if oldest, n := count("connections WHERE open = 0 AND seq <= 2000"), count("connections WHERE open = 0"); oldest != 0 && n < 3000 {
		t.Errorf("%d of the oldest closed connections are kept of %d", oldest, n)
	}
	save(5000, "active", 10_000)
	if _, err := s.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o, c, a := count("connections WHERE open = 1"), count("connections WHERE open = 0"), count("alerts"); o == 0 || o == 6000 || c != 0 || a != 100 {
		t.Errorf("kept %d open and %d closed connections and %d alerts", o, c, a)
	}
	big := make([]models.Alert, 3000)
	for i := range big {
		big[i] = storetest.Alert(1000 + i)
	}
	saveAlerts(t, s, big...)
	if _, err := s.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, a := count("connections"), count("alerts"); c != 0 || a == 0 || a == 3100 {
		t.Errorf("kept %d connections and %d alerts", c, a)
	}
	if _, err := s.Alert(t.Context(), alerts[0].ID); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("the oldest alert is kept: %v", err)
	}
	if _, err := s.Alert(t.Context(), big[len(big)-1].ID); err != nil {
		t.Errorf("the newest alert: %v", err)
	}
}

// A canceled round returns the error and leaves the health of the previous round.
func TestCanceledRetention(t *testing.T) {
	clock := someday
	s := openStore(t, testConfig(t), WithClock(func() time.Time { return clock }))
	saveAlerts(t, s, storetest.Alert(0))
	clock = clock.AddDate(10, 0, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if d, err := s.Retain(ctx); !errors.Is(err, context.Canceled) || d.Alerts != 0 {
		t.Errorf("%+v, %v", d, err)
	}
	if alerts, _ := kept(t, s, 1); !alerts[0] {
		t.Error("a canceled round deleted the alert")
	}
	if d, err := s.Retain(t.Context()); err != nil || d.Alerts != 1 {
		t.Errorf("the next round: %+v, %v", d, err)
	}
}
