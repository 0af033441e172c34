package schema

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/row"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 11, 29, 12, 0, 0, 123456789, time.UTC)

func config(path string) dbfile.Config {
	return dbfile.Config{Path: path, Readers: 1, BusyTimeout: time.Second, OpenTimeout: time.Second, Synchronous: "normal"}
}

// open opens the file with the given migration and closes it at the end of the test.
func open(t *testing.T, path string, migrate func(*dbfile.DB) error) *dbfile.DB {
	t.Helper()
	db, err := dbfile.Open(t.Context(), config(path), slog.New(slog.DiscardHandler), migrate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func migration(db *dbfile.DB) Migration {
	return Migration{DB: db, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }}
}

func migrate(ctx context.Context) func(*dbfile.DB) error {
	return func(db *dbfile.DB) error { return migration(db).Migrate(ctx) }
}

func mustExec(t *testing.T, db *dbfile.DB, stmts ...string) {
	t.Helper()
	for _, q := range stmts {
		if _, err := db.WriteSQL.Exec(q); err != nil {
			t.Fatalf("%.80s: %v", q, err)
		}
	}
}

// createVersion creates a file as a release with this schema version left it, with rows of
// all tables that the version has.
func createVersion(t *testing.T, path string, version int) {
	t.Helper()
	db := open(t, path, func(*dbfile.DB) error { return nil })
	for _, step := range migrations[:version] {
		mustExec(t, db, step...)
	}
	if version > 0 {
		mustExec(t, db, fmt.Sprintf("PRAGMA application_id = %d", applicationID), fmt.Sprintf("PRAGMA user_version = %d", version))
		at := now.UnixNano()
		mustExec(t, db,
			fmt.Sprintf(`INSERT INTO alerts (seq, id, ts, last_ts, src_ip, dst_ip, src_port, dst_port, proto, score, threshold, severity, count, kind, technique, scale, summary, conn,
				severity_rank, src_key, dst_key, inserted_at, updated_at, state, note, features, reasons, model)
				VALUES (7, 'a7', 5, 6, '10.0.0.1', '10.0.0.2', 1, 2, 'TCP', 0.9, 0.8, 'high', 3, 'flood', '', 'host', 's', '', 2, x'00', x'01', %d, %d, 'ack', 'n', '{}', '[]', '{"partition":2}')`, at, at),
			fmt.Sprintf(`INSERT INTO alert_triage VALUES (1, 7, %d, 'new', 'ack', 'n', 'kim')`, at),
			fmt.Sprintf(`INSERT INTO connections VALUES (9, 'c9', 5, 6, '10.0.0.1', 1, '10.0.0.2', 2, 'TCP', 'SF', 'closed', 'S', 'ssh', 1, 2, 3, 4, 5, 6, 7, 1.5, '', '', 0, 0, '', '', '', 3, 0, x'00', x'01', %d, %d)`, at, at))
	}
	if version > 2 {
		mustExec(t, db, "INSERT INTO ledger VALUES (1, x'7b7d')")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// objects returns the definitions of all tables and indexes.
func objects(t *testing.T, db *dbfile.DB) map[string]string {
	t.Helper()
	rows, err := db.ReadSQL.Query("SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		all[name] = text
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return all
}

func scan[T any](t *testing.T, db *dbfile.DB, q string) (v T) {
	t.Helper()
	if err := db.ReadSQL.QueryRow(q).Scan(&v); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return v
}

// A file of every released version gets the schema of a new file and keeps its rows.
func TestMigrateFromEachVersion(t *testing.T) {
	want := objects(t, open(t, filepath.Join(t.TempDir(), "new.db"), migrate(t.Context())))
	for version := range len(migrations) + 1 {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "old.db")
			createVersion(t, path, version)
			db := open(t, path, migrate(t.Context()))
			if d := cmp.Diff(want, objects(t, db)); d != "" {
				t.Errorf("schema (-new file +migrated)\n%s", d)
			}
			if v, err := FileVersion(t.Context(), db.ReadSQL, path); v != Version() || err != nil {
				t.Errorf("version %d, %v", v, err)
			}
			if s := scan[string](t, db, "PRAGMA integrity_check"); s != "ok" {
				t.Errorf("integrity check: %s", s)
			}
			if version == 0 {
				return
			}
			got := scan[string](t, db, `SELECT a.id || a.state || a.note || a.model || a.counterfactual || a.evidence || a.recurrence || t.author || (a.updated_at = t.at) || c.id || c.duration
				FROM alerts a JOIN alert_triage t ON t.alert_seq = a.seq JOIN connections c`)
			if want := `a7ackn{"partition":2}nullnullnullkim1c91.5`; got != want {
				t.Errorf("rows %s, want %s", got, want)
			}
			if version > 2 {
				if s := scan[string](t, db, "SELECT state FROM ledger"); s != "{}" {
					t.Errorf("ledger %q", s)
				}
			}
			// Deleting an alert still deletes its history.
			mustExec(t, db, "DELETE FROM alerts")
			if n := scan[int](t, db, "SELECT count(*) FROM alert_triage"); n != 0 {
				t.Errorf("%d history rows of a deleted alert", n)
			}
		})
	}
}

// A file with the present version is not written.
func TestMigrateTwiceChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.db")
	db := open(t, path, migrate(t.Context()))
	before := scan[int](t, db, "PRAGMA schema_version") // SQLite counts changes of the schema
	if err := migration(db).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := scan[int](t, db, "PRAGMA schema_version"); after != before {
		t.Errorf("schema_version %d, was %d", after, before)
	}
}

// A step that fails leaves no part of itself; the steps before it are kept, and the next
// start continues there.
func TestFailedStepIsRolledBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.db")
	createVersion(t, path, 1)
	db := open(t, path, func(*dbfile.DB) error { return nil })
	mustExec(t, db, "ALTER TABLE alerts ADD COLUMN recurrence TEXT") // the last statement of the last step fails
	err := migration(db).Migrate(t.Context())
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), fmt.Sprintf("schema version %d", Version())) {
		t.Fatalf("error %v", err)
	}
	if v := scan[int](t, db, "PRAGMA user_version"); v != Version()-1 {
		t.Errorf("version %d after the failure", v)
	}
	if strings.Contains(objects(t, db)["table alerts"], "evidence") {
		t.Error("the first statement of the failed step was kept")
	}
	mustExec(t, db, "ALTER TABLE alerts DROP COLUMN recurrence")
	if err := migration(db).Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v := scan[int](t, db, "PRAGMA user_version"); v != Version() {
		t.Errorf("version %d after the retry", v)
	}
}

func TestCanceledMigrationChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.db")
	createVersion(t, path, 1)
	db := open(t, path, func(*dbfile.DB) error { return nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := migration(db).Migrate(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if v := scan[int](t, db, "PRAGMA user_version"); v != 1 {
		t.Errorf("version %d", v)
	}
}

// Files of other programs and of newer versions are rejected and not changed.
func TestForeignAndNewerFilesAreRejected(t *testing.T) {
	owned := fmt.Sprintf("PRAGMA application_id = %d", applicationID)
	for name, tt := range map[string]struct {
		stmts []string
		text  string // of the error; "" if accepted
	}{
		"empty":                        {nil, ""},
		"tables without an owner":      {[]string{"CREATE TABLE x (y)"}, "another program"},
		"another owner":                {[]string{"PRAGMA application_id = 1"}, "another program"},
		"another owner with tables":    {[]string{"PRAGMA application_id = 1", "CREATE TABLE x (y)"}, "another program"},
		"the next version":             {[]string{owned, fmt.Sprintf("PRAGMA user_version = %d", Version()+1)}, "newer netlyra"},
		"a version without an owner":   {[]string{"CREATE TABLE x (y)", "PRAGMA user_version = 99"}, "another program"},
		"owned and without any tables": {[]string{owned}, ""},
	} {
		path := filepath.Join(t.TempDir(), "net.db")
		db := open(t, path, func(*dbfile.DB) error { return nil })
		mustExec(t, db, tt.stmts...)
		before := scan[int](t, db, "PRAGMA schema_version")
		_, versionErr := FileVersion(t.Context(), db.ReadSQL, path)
		for what, err := range map[string]error{"FileVersion": versionErr, "Migrate": migration(db).Migrate(t.Context())} {
			if (err == nil) != (tt.text == "") || err != nil && (!strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), path)) {
				t.Errorf("%s: %s: error %v, want one about %q", name, what, err, tt.text)
			}
		}
		if after := scan[int](t, db, "PRAGMA schema_version"); tt.text != "" && after != before {
			t.Errorf("%s: a rejected file was changed", name)
		}
	}
}

// Files of users have the released steps, so a change of a released step never reaches
// them. If this fails, undo the change and append a step.
func TestReleasedStepsAreUnchanged(t *testing.T) {
	released := []string{"9117fe69602f", "8fd00bfba54d", "f166efacf6fc", "3f5302204229", "e23013232463"}
	for i, want := range released {
		text := strings.Join(strings.Fields(strings.Join(migrations[i], ";")), " ")
		sum := sha256.Sum256([]byte(text))
		if got := hex.EncodeToString(sum[:6]); got != want {
			t.Errorf("step %d has changed: %s, was %s", i, got, want)
		}
	}
	if len(migrations) != len(released) {
		t.Errorf("%d steps, of which %d are listed; add the new one when it is released", len(migrations), len(released))
	}
}

// The partial indexes contain the constant as a literal.
func TestImplausibleIndexesUseTheConstant(t *testing.T) {
	want := fmt.Sprintf("WHERE updated_at < %d", int64(row.PlausibleFrom))
	for name, text := range objects(t, open(t, filepath.Join(t.TempDir(), "net.db"), migrate(t.Context()))) {
		if strings.HasSuffix(name, "_implausible") && !strings.HasSuffix(text, want) {
			t.Errorf("%s: %s, want %s", name, text, want)
		}
	}
}

// The units of row times are told apart exactly between 2020 and 2100.
func TestUnitOfRowTimes(t *testing.T) {
	const from, to = 1_577_836_800, 4_102_444_800
	db := open(t, filepath.Join(t.TempDir(), "net.db"), migrate(t.Context()))
	null := sql.NullInt64{}
	is := func(v int64) sql.NullInt64 { return sql.NullInt64{Int64: v, Valid: true} }
	for _, tt := range []struct {
		value int64
		want  sql.NullInt64
	}{
		{math.MinInt64, null}, {-from, null}, {0, null}, {1, null},
		{from - 1, null}, {from, is(from * 1e9)}, {to, is(to * 1e9)}, {to + 1, null},
		{from*1e3 - 1, null}, {from * 1e3, is(from * 1e9)}, {from*1e3 + 1, is(from*1e9 + 1e6)}, {to * 1e3, is(to * 1e9)}, {to*1e3 + 1, null},
		{from*1e6 - 1, null}, {from * 1e6, is(from * 1e9)}, {from*1e6 + 1, is(from*1e9 + 1e3)}, {to * 1e6, is(to * 1e9)}, {to*1e6 + 1, null},
		{from*1e9 - 1, null}, {from * 1e9, is(from * 1e9)}, {from*1e9 + 1, is(from*1e9 + 1)}, {math.MaxInt64, is(math.MaxInt64)},
	} {
		var got sql.NullInt64
		q := fmt.Sprintf("SELECT %s FROM (SELECT %d AS x)", inNanoseconds("x"), tt.value)
		if tt.value == math.MinInt64 { // SQLite has no such literal
			q = fmt.Sprintf("SELECT %s FROM (SELECT %d - 1 AS x)", inNanoseconds("x"), int64(math.MinInt64+1))
		}
		if err := db.ReadSQL.QueryRow(q).Scan(&got); err != nil || got != tt.want {
			t.Errorf("%d: %+v, want %+v (%v)", tt.value, got, tt.want, err)
		}
	}
}

// Row times in seconds are repaired in files of every version that may have them.
func TestRowTimesAreRepairedFromEachVersion(t *testing.T) {
	for version := 1; version <= 3; version++ {
		path := filepath.Join(t.TempDir(), "net.db")
		createVersion(t, path, version)
		db := open(t, path, func(*dbfile.DB) error { return nil })
		triaged := now.Add(time.Hour)
		mustExec(t, db, fmt.Sprintf("UPDATE alerts SET updated_at = %d", triaged.Unix()), fmt.Sprintf("UPDATE alert_triage SET at = %d", triaged.UnixNano()),
			fmt.Sprintf("UPDATE connections SET updated_at = %d", now.Unix()))
		m := migration(db)
		m.Now = func() time.Time { return now.Add(2 * time.Hour) }
		if err := m.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := scan[models.Timestamp](t, db, "SELECT updated_at FROM alerts"); got != models.TimestampOf(triaged) {
			t.Errorf("version %d: alert written at %v, want %v", version, got, models.TimestampOf(triaged))
		}
		// Not before the row was inserted, although the second is.
		if got := scan[models.Timestamp](t, db, "SELECT updated_at FROM connections"); got != models.TimestampOf(now) {
			t.Errorf("version %d: connection written at %v, want %v", version, got, models.TimestampOf(now))
		}
	}
}
