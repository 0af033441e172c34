package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/recorder"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

// recordDuringFault runs a recorder on a real file that cannot be written, and ends the
// fault after two health reports. The batch must then be written once, and its offset not
// returned before.
func recordDuringFault(t *testing.T, want error, begin, end func(s *Store, path string)) {
	t.Helper()
	cfg := testConfig(t)
	s := openStore(t, cfg)
	reports := make(chan error, 100)
	stage := (&obs.Ledger{}).Stage(vocabulary.StageRecordAlerts)
	r := recorder.New(s, recorder.Deps{Health: func(err error) { reports <- err }, Alerts: stage})
	recs := make([]models.Record, 300)
	for i := range recs {
		a := storetest.Alert(i)
		a.ID = fmt.Sprint("a", i)
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		recs[i] = models.Record{Offset: int64(i), Value: b}
	}
	begin(s, cfg.Path)
	type result struct {
		safe int64
		err  error
	}
	done := make(chan result, 1)
	go func() {
		safe, err := r.Records(context.Background(), models.TopicAlerts, 0, recs)
		done <- result{safe, err}
	}()
	for range 2 {
		select {
		case err := <-reports:
			if !errors.Is(err, want) {
				t.Errorf("health reports %v, want %v", err, want)
			}
		case r := <-done:
			t.Fatalf("Records returned during the fault: %+v", r)
		}
	}
	if c := stage.Counts(); c.In != 300 || c.Out != 0 {
		t.Errorf("counts during the fault: %+v", c)
	}
	end(s, cfg.Path)
	if r := <-done; r.safe != 300 || r.err != nil {
		t.Errorf("%+v", r)
	}
	var last error
	for len(reports) > 0 {
		last = <-reports
	}
	if last != nil {
		t.Errorf("last health report is %v, want nil", last)
	}
	if c, err := s.Counts(t.Context()); err != nil || c.Alerts != 300 || stage.Counts().Out != 300 {
		t.Errorf("%+v %v, counted %+v", c, err, stage.Counts())
	}
}

func TestRecorderWhileAnotherProgramHasTheFile(t *testing.T) {
	var other *sql.DB
	sqlExec := func(q string) {
		if _, err := other.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	recordDuringFault(t, dbfile.ErrLocked, func(_ *Store, path string) {
		other = openSQL(t, path)
		sqlExec("BEGIN IMMEDIATE")
	}, func(*Store, string) { sqlExec("ROLLBACK") })
}

// SQLite returns SQLITE_FULL both for this limit and for a full disk.
func TestRecorderWhileTheFileCannotGrow(t *testing.T) {
	limit := func(s *Store, pages string) {
		var n int
		if err := s.db.WriteSQL.QueryRow("PRAGMA max_page_count = " + pages).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	recordDuringFault(t, dbfile.ErrFull,
		func(s *Store, _ string) { limit(s, "1") }, // SQLite never goes below the present size
		func(s *Store, _ string) { limit(s, "1000000") })
}

// openSQL opens one connection to the file as another program would.
func openSQL(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_busy_timeout=1000")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}
