package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store/retention"
	"github.com/netlyra/netlyra/internal/store/row"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

var someday = time.Date(2026, 11, 29, 12, 0, 0, 123456789, time.UTC)

func (s *Store) mustExec(t *testing.T, q string, args ...any) {
	t.Helper()
	if _, err := s.db.WriteSQL.Exec(q, args...); err != nil {
		t.Fatal(err)
	}
}

func writtenAt(t *testing.T, db *sql.DB, table, id string) (at models.Timestamp) {
	t.Helper()
	if err := db.QueryRow("SELECT updated_at FROM "+table+" WHERE id = ?", id).Scan(&at); err != nil {
		t.Fatalf("%s %s: %v", table, id, err)
	}
	return at
}

// oldFile creates a database of schema version 3 with n alerts and connections, written at
// now.
func oldFile(t *testing.T, cfg Config, n int, now time.Time) *Store {
	t.Helper()
	s, err := Open(t.Context(), cfg, WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		saveAlerts(t, s, storetest.Alert(i))
		saveConnections(t, s, storetest.Connection(i))
	}
	for _, q := range []string{"DROP INDEX alerts_implausible", "DROP INDEX connections_implausible",
		"ALTER TABLE alerts DROP COLUMN evidence", "ALTER TABLE alerts DROP COLUMN recurrence", "PRAGMA user_version = 3"} {
		s.mustExec(t, q)
	}
	return s
}

// Alerts of files without the columns of evidence and recurrence have neither, and get them
// with their next record.
func TestAlertsOfOlderFilesHaveNoEvidence(t *testing.T) {
	cfg := testConfig(t)
	if err := oldFile(t, cfg, 2, someday).Close(); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, cfg)
	want := storetest.Alert(1)
	if d, err := s.Alert(t.Context(), want.ID); err != nil || d.Evidence != nil || d.Recurrence != nil || d.Summary != want.Summary {
		t.Errorf("%+v, %v", d, err)
	}
	want.Count++
	want.Evidence = &models.Evidence{Feature: "ports", Value: 12, Limit: 9, Series: []models.EvidencePoint{{TS: want.TS, Value: 12}}}
	saveAlerts(t, s, want)
	if d, err := s.Alert(t.Context(), want.ID); err != nil || d.Evidence == nil || d.Evidence.Value != 12 || d.Recurrence != nil {
		t.Errorf("%+v, %v", d, err)
	}
}

// Schema version 3 stored seconds in updated_at after a triage, and nanoseconds in the
// history. The migration converts these and other units to nanoseconds.
func TestMigrationRepairsRowTimes(t *testing.T) {
	cfg := testConfig(t)
	old := oldFile(t, cfg, 9, someday)
	triaged := someday.Add(48*time.Hour + 7*time.Nanosecond)
	ns := models.TimestampOf
	later := triaged.Add(time.Hour) // of the migration
	cases := []struct {
		value int64 // in updated_at
		want  models.Timestamp
	}{
		{triaged.Unix(), ns(triaged)}, // seconds; with the history below to the nanosecond
		{triaged.Unix(), ns(triaged.Truncate(time.Second))},
		{triaged.UnixMilli(), ns(triaged.Truncate(time.Millisecond))},
		{triaged.UnixMicro(), ns(triaged.Truncate(time.Microsecond))},
		{triaged.UnixNano(), ns(triaged)},
		{someday.Unix(), ns(someday)}, // not earlier than inserted_at
		{0, ns(later)}, {-5, ns(later)}, {123, ns(later)},
	}
	for i, c := range cases {
		old.mustExec(t, "UPDATE alerts SET updated_at = ? WHERE id = ?", c.value, storetest.Alert(i).ID)
		old.mustExec(t, "UPDATE connections SET updated_at = ? WHERE id = ?", c.value, storetest.Connection(i).ID)
	}
	old.mustExec(t, "INSERT INTO alert_triage (alert_seq, at, from_state, state, note, author) VALUES (1, ?, 'new', 'ack', 'n', 'a')", triaged.UnixNano())
	old.mustExec(t, "INSERT INTO alert_triage (alert_seq, at, from_state, state, note, author) VALUES (2, ?, 'new', 'ack', 'n', 'a')", someday.UnixMilli())
	old.mustExec(t, "UPDATE alerts SET inserted_at = ? WHERE seq = 3", someday.Unix())
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := openStore(t, cfg, WithClock(func() time.Time { return later }), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	for i, c := range cases {
		if got := writtenAt(t, s.db.ReadSQL, "alerts", storetest.Alert(i).ID); got != c.want {
			t.Errorf("alert %d: %d became %v, want %v", i, c.value, got, c.want)
		}
		want := c.want
		if i == 0 { // connections have no history
			want = cases[1].want
		}
		if got := writtenAt(t, s.db.ReadSQL, "connections", storetest.Connection(i).ID); got != want {
			t.Errorf("connection %d: %d became %v, want %v", i, c.value, got, want)
		}
	}
	if d, err := s.Alert(t.Context(), storetest.Alert(1).ID); err != nil || d.Triage[0].At != ns(someday.Truncate(time.Millisecond)) {
		t.Errorf("history %+v, %v", d.Triage, err)
	}
	if d, err := s.Alert(t.Context(), storetest.Alert(0).ID); err != nil || d.TS != storetest.Alert(0).TS {
		t.Errorf("the event time changed to %v, %v", d.TS, err)
	}
	if !strings.Contains(log.String(), "event="+string(vocabulary.EventRowTimesRepaired)) {
		t.Errorf("the repair is not in the log: %s", &log)
	}
	if d, err := s.Retain(t.Context()); err != nil || d.Alerts+d.Connections != 0 || s.Health() != nil {
		t.Errorf("retention: %+v, %v, %v", d, err, s.Health())
	}
}

// If the clock may be behind, the migration does not change rows without a plausible time,
// and retention keeps them.
func TestMigrationWithClockBehind(t *testing.T) {
	for _, clock := range []time.Time{time.Unix(100, 0), someday.AddDate(-4, 0, 0)} {
		cfg := testConfig(t)
		old := oldFile(t, cfg, 2, someday)
		old.mustExec(t, "UPDATE alerts SET updated_at = 5 WHERE id = ?", storetest.Alert(0).ID)
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		now := clock
		s := openStore(t, cfg, WithClock(func() time.Time { return now }))
		if got := writtenAt(t, s.db.ReadSQL, "alerts", storetest.Alert(0).ID); got != 5 {
			t.Errorf("clock %v: updated_at changed to %v", clock, got)
		}
		now = someday.Add(time.Minute) // the clock is set
		if d, err := s.Retain(t.Context()); err != nil || d.Alerts != 0 || s.Health() == nil {
			t.Errorf("clock %v: %+v, %v, %v", clock, d, err, s.Health())
		}
	}
}

// Rows without a plausible time are kept and counted, and other rows are still deleted.
func TestRetentionKeepsImplausibleRows(t *testing.T) {
	now := someday
	cfg := testConfig(t)
	var log bytes.Buffer
	reg := prometheus.NewRegistry()
	s := openStore(t, cfg, WithClock(func() time.Time { return now }), WithLogger(slog.New(slog.NewTextHandler(&log, nil))), WithRegisterer(reg))
	implausible := []int64{0, -1, math.MinInt64, 1, 1_770_000_000, 1_770_000_000_000, 1_770_000_000_000_000, int64(row.PlausibleFrom) - 1, now.AddDate(200, 0, 0).UnixNano(), math.MaxInt64}
	for i := range len(implausible) + 3 {
		saveAlerts(t, s, storetest.Alert(i))
		saveConnections(t, s, storetest.Connection(i))
	}
	for i, v := range implausible {
		s.mustExec(t, "UPDATE alerts SET updated_at = ?, inserted_at = ? WHERE id = ?", v, v, storetest.Alert(i).ID)
		s.mustExec(t, "UPDATE connections SET updated_at = ?, inserted_at = ? WHERE id = ?", v, v, storetest.Connection(i).ID)
	}
	now = now.AddDate(1, 0, 0) // the other three exceed the maximum age
	for round := range 2 {
		d, err := s.Retain(t.Context())
		if want := int64(3 - 3*round); err != nil || d.Alerts != want || d.Connections != want {
			t.Errorf("round %d: deleted %+v, %v", round, d, err)
		}
		if c, err := s.Counts(t.Context()); err != nil || c.Alerts != int64(len(implausible)) || c.Connections != int64(len(implausible)) {
			t.Errorf("round %d: kept %+v, %v", round, c, err)
		}
	}
	families, err := reg.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "netlyra_store_implausible_rows" || len(families[0].Metric) != 2 {
		t.Fatalf("metrics %v, %v", families, err)
	}
	for _, m := range families[0].Metric {
		if got := m.GetGauge().GetValue(); got != float64(len(implausible)) {
			t.Errorf("metric of %s: %v", m.Label[0].GetValue(), got)
		}
	}
	if n := strings.Count(log.String(), "event="+string(vocabulary.EventRowTimeImplausible)); n != 1 || obs.CodeOf(s.Health()) != vocabulary.ConditionRowTimeImplausible {
		t.Errorf("%d log records, health %v:\n%s", n, s.Health(), &log)
	}
	// A write sets the time of a row.
	for i := range implausible {
		if _, err := s.Triage(t.Context(), storetest.Alert(i).ID, models.Triage{Note: ptr("seen")}); err != nil {
			t.Fatal(err)
		}
		c := storetest.Connection(i)
		c.LastTS++
		saveConnections(t, s, c)
	}
	if _, err := s.Retain(t.Context()); err != nil || s.Health() != nil {
		t.Errorf("%v, %v", err, s.Health())
	}
}

// With a clock that is not set (a host without a battery), retention deletes nothing, also
// after the clock is set.
func TestRetentionWithUnsetClock(t *testing.T) {
	now := someday
	s := openStore(t, testConfig(t), WithClock(func() time.Time { return now }))
	saveAlerts(t, s, storetest.Alert(0))
	now = time.Unix(60, 0)
	saveAlerts(t, s, storetest.Alert(1))
	saveConnections(t, s, storetest.Connection(1))
	if d, err := s.Retain(t.Context()); err != nil || d != (retention.Deleted{}) || obs.CodeOf(s.Health()) != vocabulary.ConditionClockImplausible {
		t.Errorf("%+v, %v, %v", d, err, s.Health())
	}
	now = someday.Add(time.Hour)
	if d, err := s.Retain(t.Context()); err != nil || d.Alerts+d.Connections != 0 {
		t.Errorf("%+v, %v", d, err)
	}
	if a, c, _ := totals(t, s); a != 2 || c != 1 {
		t.Errorf("kept %d alerts and %d connections", a, c)
	}
}

// Counting implausible rows uses the partial index, which requires the same condition.
func TestCountOfImplausibleRowsUsesIndex(t *testing.T) {
	s := openStore(t, testConfig(t))
	for _, table := range []string{"alerts", "connections"} {
		var plan []struct {
			Detail string `gorm:"column:detail"`
		}
		q := fmt.Sprintf("EXPLAIN QUERY PLAN SELECT count(*) FROM %s WHERE updated_at < %d", table, int64(row.PlausibleFrom))
		if err := s.db.Read.Raw(q).Scan(&plan).Error; err != nil || len(plan) != 1 || !strings.Contains(plan[0].Detail, "COVERING INDEX "+table+"_implausible") {
			t.Errorf("%s: %v, %v", table, plan, err)
		}
	}
}
