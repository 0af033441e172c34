package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// trouble runs a recorder on a real file while that cannot be written, and ends the
// trouble when health has heard of it twice: the batch must then be there, once, and
// its offset must not have been given out before.
func trouble(t *testing.T, want error, begin, end func(s *Store, path string)) {
	t.Helper()
	cfg := testConfig(t)
	s := openStore(t, cfg)
	heard := make(chan error, 100)
	stage := (&obs.Ledger{}).Stage("record alerts")
	r := NewRecorder(s, Deps{Health: func(err error) { heard <- err }, Alerts: stage})
	r.retry.first, r.retry.last = time.Millisecond, 10*time.Millisecond
	recs := make([]models.Record, 300)
	for i := range recs {
		a := sampleAlert(i)
		a.ID = fmt.Sprint("a", i)
		recs[i] = record(int64(i), a)
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
		case err := <-heard:
			if !errors.Is(err, want) {
				t.Errorf("health hears %v, want %v", err, want)
			}
		case r := <-done:
			t.Fatalf("it did not wait: %+v", r)
		}
	}
	if c := stage.Counts(); c.In != 300 || c.Out != 0 {
		t.Errorf("while it waits the ledger says %+v", c)
	}
	end(s, cfg.Path)
	if r := <-done; r.safe != 300 || r.err != nil {
		t.Errorf("%+v", r)
	}
	var last error
	for len(heard) > 0 {
		last = <-heard
	}
	if last != nil {
		t.Errorf("in the end health hears %v", last)
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
	trouble(t, ErrLocked, func(_ *Store, path string) {
		var err error
		if other, _, err = dial(Config{Path: path, BusyTimeout: time.Second, Synchronous: "normal"}, writing, 1); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { other.Close() })
		sqlExec("BEGIN IMMEDIATE")
	}, func(*Store, string) { sqlExec("ROLLBACK") })
}

// The limit stands for the disk's: SQLite answers SQLITE_FULL to both.
func TestRecorderWhileTheFileCannotGrow(t *testing.T) {
	limit := func(s *Store, pages string) {
		var n int
		if err := s.sqlW.QueryRow("PRAGMA max_page_count = " + pages).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	trouble(t, ErrFull,
		func(s *Store, _ string) { limit(s, "1") }, // never below what it has
		func(s *Store, _ string) { limit(s, "1000000") })
}

// What retention cannot do for a full disk or a lock it leaves for the next round.
func TestRetentionOutlivesALock(t *testing.T) {
	cfg := testConfig(t)
	cfg.Every = time.Millisecond
	s := openStore(t, cfg)
	other, _, err := dial(Config{Path: cfg.Path, BusyTimeout: time.Second, Synchronous: "normal"}, writing, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Errorf("a lock ended retention: %v", err)
	}
}
