package store

import (
	"context"
	"database/sql"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"gorm.io/gorm/schema"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/row"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testConfig(t testing.TB) Config {
	cfg := DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "dir with ? and %41", "net.db")
	cfg.BusyTimeout, cfg.OpenTimeout = 10*time.Millisecond, 100*time.Millisecond
	return cfg
}

func openStore(t testing.TB, cfg Config, opts ...Option) *Store {
	t.Helper()
	s, err := Open(context.Background(), cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Later states of a connection change neither its endpoints nor its start, unless originator
// and responder were swapped.
func TestConnectionEndpointsAreKept(t *testing.T) {
	s := openStore(t, testConfig(t))
	first := storetest.Connection(7)
	first.Phase, first.History = "new", "S"
	later := first
	later.LastTS, later.Phase, later.History, later.RespPackets = first.LastTS+1, "active", "ShA", 7
	altered := later
	altered.LastTS, altered.SrcIP, altered.DstPort = first.LastTS+2, "192.0.2.9", 9
	swapped := first
	swapped.LastTS, swapped.History = first.LastTS+3, "S^h"
	swapped.SrcIP, swapped.SrcPort, swapped.DstIP, swapped.DstPort = first.DstIP, first.DstPort, first.SrcIP, first.SrcPort
	kept := later
	kept.LastTS = altered.LastTS
	for i, step := range []struct{ saved, want models.Connection }{{first, first}, {later, later}, {altered, kept}, {swapped, swapped}} {
		if err := s.SaveConnections(t.Context(), []models.Connection{step.saved, storetest.Connection(i + 100)}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Connection(t.Context(), first.ID)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(step.want, got); d != "" {
			t.Errorf("step %d (-want +got)\n%s", i, d)
		}
		found, err := s.Connections(t.Context(), models.ConnectionQuery{Filter: models.Filter{IP: netip.MustParsePrefix(step.want.SrcIP + "/32")}, Phases: []string{"any"}})
		if err != nil || !slices.ContainsFunc(found.Items, func(c models.Connection) bool { return c.ID == first.ID }) {
			t.Errorf("step %d: not found by source address: %v", i, err)
		}
	}
}

func TestRowsRoundTrip(t *testing.T) {
	s := openStore(t, testConfig(t))
	a, c := storetest.Alert(7), storetest.Connection(7)
	c.SNI, c.JA4, c.Tunnel, c.Parent, c.VLAN, c.InnerVLAN = "example.org", "t13d", "VXLAN", "C00000000001", 7, 8
	c.RespIPBytes, c.MissedBytes = 3, 4
	a.Conn = c.ID
	points := []models.EvidencePoint{{TS: a.TS, Value: 9.25}, {TS: a.TS + 1, Value: 1e-9}, {TS: -1, Value: 12}}
	a.Evidence = &models.Evidence{Feature: "probed_\"ports\"", Value: 12, Limit: 9.125, Level: 6.5, Series: points}
	a.Recurrence = &models.Recurrence{Count: 4, First: a.TS - 3600e9, Every: 1200.5, Regular: true, Baseline: true}
	a.Features["tiny"], a.Features["a \"name\" ü"] = 1e-300, -1
	if err := errors.Join(s.SaveAlerts(t.Context(), []models.Alert{a}), s.SaveConnections(t.Context(), []models.Connection{c})); err != nil {
		t.Fatal(err)
	}
	d, err := s.Alert(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(models.AlertDetail{AlertView: models.AlertView{Alert: a, State: "new"}, NextSteps: vocabulary.NextSteps(a.Kind), Triage: []models.TriageEntry{}, Connection: &c}, d); diff != "" {
		t.Errorf("alert (-saved +read)\n%s", diff)
	}
	got, err := s.Connection(t.Context(), c.ID)
	if diff := cmp.Diff(c, got); diff != "" || err != nil {
		t.Errorf("connection (-saved +read)\n%s %v", diff, err)
	}
	if _, err := s.Alert(t.Context(), "none"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("unknown alert: %v", err)
	}
	if _, err := s.Connection(t.Context(), "none"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("unknown connection: %v", err)
	}
}

// The tables have the columns of the models, and the upserts write all of them.
func TestColumnsMatchModels(t *testing.T) {
	s := openStore(t, testConfig(t))
	for _, c := range []struct {
		row     any
		target  target
		others  []string // columns that records do not set
		appends int
	}{
		{&row.Alert{}, alertTable, []string{"seq", "state", "note"}, len(row.AppendAlert(nil, &models.Alert{}, 0))},
		{&row.Connection{}, connectionTable, []string{"seq"}, len(row.AppendConnection(nil, &models.Connection{}, 0))},
	} {
		sch, err := schema.Parse(c.row, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			t.Fatal(err)
		}
		var table []string
		if err := s.db.Read.Raw("SELECT name FROM pragma_table_info(?)", c.target.name).Scan(&table).Error; err != nil {
			t.Fatal(err)
		}
		written := slices.Concat(c.target.columns, c.others)
		for _, set := range [][]string{sch.DBNames, table, written} {
			slices.Sort(set)
		}
		if diff := cmp.Diff(sch.DBNames, table); diff != "" {
			t.Errorf("%s (-model +table)\n%s", c.target.name, diff)
		}
		if diff := cmp.Diff(sch.DBNames, written); diff != "" {
			t.Errorf("%s (-model +written)\n%s", c.target.name, diff)
		}
		if c.appends != len(c.target.columns) {
			t.Errorf("%s: %d values for %d columns", c.target.name, c.appends, len(c.target.columns))
		}
	}
}

func TestNewerRecordWins(t *testing.T) {
	s := openStore(t, testConfig(t))
	save := func(count uint64, last models.Timestamp, score float64) {
		t.Helper()
		a := storetest.Alert(1)
		a.Count, a.LastTS, a.Score = count, last, score
		a.Evidence, a.Recurrence = &models.Evidence{Value: score}, &models.Recurrence{Count: count}
		if err := s.SaveAlerts(t.Context(), []models.Alert{a}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(score float64) {
		t.Helper()
		d, err := s.Alert(t.Context(), storetest.Alert(1).ID)
		if err != nil || d.Score != score {
			t.Errorf("score %v, want %v (%v)", d.Score, score, err)
		}
		if d.Evidence == nil || d.Evidence.Value != score || d.Recurrence == nil || d.Recurrence.Count != d.Count {
			t.Errorf("evidence %+v and recurrence %+v are not those of the newest record", d.Evidence, d.Recurrence)
		}
	}
	save(5, 100, .85)
	want(.85)
	save(4, 200, .84) // an older record, delivered again
	want(.85)
	ack := models.TriageAck
	if _, err := s.Triage(t.Context(), storetest.Alert(1).ID, models.Triage{State: &ack}); err != nil {
		t.Fatal(err)
	}
	save(5, 99, .83)
	want(.85)
	save(5, 101, .86)
	want(.86)
	save(6, 101, .9)
	want(.9)
	if d, _ := s.Alert(t.Context(), storetest.Alert(1).ID); d.State != ack {
		t.Errorf("a record changed the triage state to %s", d.State)
	}

	conn := func(last models.Timestamp, phase, history string) {
		t.Helper()
		c := storetest.Connection(1)
		c.LastTS, c.Phase, c.History = last, phase, history
		if err := s.SaveConnections(t.Context(), []models.Connection{c}); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		last           models.Timestamp
		phase, history string
		want           string
	}{
		{10, "new", "a", "a"}, {12, "active", "b", "b"}, {11, "closed", "c", "b"}, {12, "new", "d", "b"},
		{12, "closed", "e", "e"}, {12, "active", "f", "e"}, {13, "active", "g", "g"},
	} {
		conn(step.last, step.phase, step.history)
		if c, err := s.Connection(t.Context(), storetest.Connection(1).ID); err != nil || c.History != step.want {
			t.Errorf("after %+v: %q %v", step, c.History, err)
		}
	}
}

func TestBatchSizes(t *testing.T) {
	s := openStore(t, testConfig(t))
	at := 0
	for _, n := range []int{0, 1, rowsPerStatement - 1, rowsPerStatement, rowsPerStatement + 1, rowsPerTransaction, rowsPerTransaction + rowsPerStatement + 1} {
		rows := make([]models.Connection, n)
		for i := range rows {
			rows[i] = storetest.Connection(at + i)
		}
		at += n
		if err := s.SaveConnections(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
		p, err := s.Connections(t.Context(), models.ConnectionQuery{Phases: []string{"any"}})
		if err != nil || p.Total != int64(at) {
			t.Fatalf("batch of %d: %d rows, want %d (%v)", n, p.Total, at, err)
		}
	}
}

func TestReopenKeepsRows(t *testing.T) {
	cfg := testConfig(t)
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SaveAlerts(t.Context(), []models.Alert{storetest.Alert(1)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if p, err := openStore(t, cfg).Alerts(t.Context(), models.AlertQuery{}); err != nil || p.Total != 1 {
		t.Errorf("%+v %v", p, err)
	}
}

func TestOpenErrors(t *testing.T) {
	raw := func(t *testing.T, path string, stmts ...string) *sql.DB {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite3", path)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		for _, q := range stmts {
			if _, err := db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	cases := map[string]struct {
		make func(t *testing.T, path string)
		is   error
		text string
	}{
		"not a database": {func(t *testing.T, p string) { write(t, p, strings.Repeat("not a database ", 500)) }, dbfile.ErrCorrupt, "mv "},
		"locked":         {func(t *testing.T, p string) { raw(t, p, "CREATE TABLE x (y)", "BEGIN EXCLUSIVE") }, dbfile.ErrLocked, "stop it, or set DB_PATH"},
		"foreign":        {func(t *testing.T, p string) { _ = raw(t, p, "CREATE TABLE x (y)").Close() }, nil, "another program"},
		"newer schema":   {func(t *testing.T, p string) { newer(t, p) }, nil, "newer netlyra"},
		"directory":      {func(t *testing.T, p string) { _ = os.MkdirAll(p, 0o755) }, dbfile.ErrReadOnly, "DB_PATH"},
		"damaged page":   {func(t *testing.T, p string) { damage(t, p) }, dbfile.ErrCorrupt, "mv "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t)
			cfg.Path = filepath.Join(t.TempDir(), "sub", "net.db")
			c.make(t, cfg.Path)
			s, err := Open(t.Context(), cfg)
			if err == nil {
				_ = s.Close()
				t.Fatal("Open returned no error")
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error is not %v: %v", c.is, err)
			}
			if !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), cfg.Path) {
				t.Errorf("error does not contain %q and the path: %v", c.text, err)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func newer(t *testing.T, path string) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Path = path
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.db.Write.Exec("PRAGMA user_version = 99").Error, s.Close()); err != nil {
		t.Fatal(err)
	}
}

// damage creates a database of many pages and overwrites pages in its middle.
func damage(t *testing.T, path string) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Path = path
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]models.Connection, 2000)
	for i := range rows {
		rows[i] = storetest.Connection(i)
	}
	if err := errors.Join(s.SaveConnections(t.Context(), rows), s.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 2; i < len(b)/2+5*4096; i++ {
		b[i] = 0xA5
	}
	write(t, path, string(b))
}

func TestFullDiskErrorNamesFile(t *testing.T) {
	s := openStore(t, testConfig(t))
	if err := s.db.Write.Exec("PRAGMA max_page_count = 40").Error; err != nil {
		t.Fatal(err)
	}
	rows := make([]models.Alert, 1000)
	for i := range rows {
		rows[i] = storetest.Alert(i)
	}
	err := s.SaveAlerts(t.Context(), rows)
	if !errors.Is(err, dbfile.ErrFull) || !strings.Contains(err.Error(), s.Path()) {
		t.Fatalf("error %v", err)
	}
	if err := s.db.Write.Exec("PRAGMA max_page_count = 100000").Error; err != nil {
		t.Fatal(err)
	}
	if err := s.SaveAlerts(t.Context(), rows); err != nil { // succeeds after space was freed
		t.Error(err)
	}
}

func TestConfigValidates(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	bad := Config{Synchronous: "off", MaxBytes: 1, MaxAge: -1, Readers: 100}
	err := bad.Validate()
	for _, want := range []string{"DB_PATH", "100 readers", `"off"`, "age of alerts", "maximum size", "retention interval"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not contain %q", err, want)
		}
	}
}
