package store

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/retention"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

func totals(t *testing.T, s *Store) (alerts, conns, open int64) {
	t.Helper()
	a, err1 := s.Alerts(t.Context(), models.AlertQuery{})
	c, err2 := s.Connections(t.Context(), models.ConnectionQuery{Phases: []string{"any"}})
	o, err3 := s.Connections(t.Context(), models.ConnectionQuery{})
	if err := cmp.Or(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return a.Total, c.Total, o.Total
}

func TestRetentionByAgeOfTheRowNotOfTheEvent(t *testing.T) {
	now := time.Unix(2_000_000_000, 0)
	cfg := testConfig(t)
	cfg.MaxAge, cfg.ConnectionMaxAge, cfg.StaleAfter = 10*24*time.Hour, 9*24*time.Hour, time.Hour
	s := openStore(t, cfg, WithClock(func() time.Time { return now }))
	for i := range 5 {
		a, c := storetest.Alert(i), storetest.Connection(i) // sampleConnection: phases in turn
		a.TS = 0                                            // an old capture
		saveAlerts(t, s, a)
		saveConnections(t, s, c)
		if i == 0 {
			if _, err := s.Triage(t.Context(), a.ID, models.Triage{Note: ptr("n")}); err != nil {
				t.Fatal(err)
			}
		}
		now = now.Add(24 * time.Hour)
	}
	grown := storetest.Alert(1)
	grown.Count += 100
	now = now.Add(6 * 24 * time.Hour) // ages now: 11, 10, 9, 8, 7 days
	saveAlerts(t, s, grown)           // the second is young again
	d, err := s.Retain(t.Context())
	if err != nil || d.Alerts != 1 || d.Connections != 2 || d.Expired != 3 {
		t.Errorf("deleted %+v %v", d, err)
	}
	if a, c, o := totals(t, s); a != 4 || c != 3 || o != 0 {
		t.Errorf("left %d alerts, %d connections, %d open", a, c, o)
	}
	var history int
	if err := s.db.Read.Raw("SELECT count(*) FROM alert_triage").Scan(&history).Error; err != nil || history != 0 {
		t.Errorf("%d history rows of a deleted alert (%v)", history, err)
	}
	if d, err := s.Retain(t.Context()); err != nil || d != (retention.Deleted{}) {
		t.Errorf("second round deleted %+v %v", d, err)
	}
}

func TestRetentionBySizeGivesSpaceBack(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxBytes, cfg.StaleAfter = 2<<20, 0
	s := openStore(t, cfg)
	conns, alerts := make([]models.Connection, 9000), make([]models.Alert, 500)
	for i := range conns {
		conns[i] = storetest.Connection(i)
	}
	for i := range alerts {
		alerts[i] = storetest.Alert(i)
	}
	saveConnections(t, s, conns...)
	saveAlerts(t, s, alerts...)
	d, err := s.Retain(t.Context())
	if err != nil || d.Connections < 2000 || d.Alerts != 0 {
		t.Errorf("deleted %+v %v", d, err)
	}
	var pages, size int64
	if err := s.db.ReadSQL.QueryRowContext(t.Context(), "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size").Scan(&pages, &size); err != nil {
		t.Fatal(err)
	}
	if file := pages * size; file > cfg.MaxBytes+1001*size {
		t.Errorf("file has %d B after it was shrunk to %d", file, cfg.MaxBytes)
	}
	p, err := s.Connections(t.Context(), models.ConnectionQuery{Phases: []string{"closed"}, Paging: models.Paging{Sort: []models.SortKey{{Field: "ts"}}, Limit: 1}})
	if err != nil || len(p.Items) == 1 && p.Items[0].TS <= conns[100].TS {
		t.Errorf("the oldest were not deleted first: %v %v", p.Items, err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	s := openStore(t, testConfig(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Error(err)
	}
}

// Retention continues after a round failed because of a lock.
func TestRetentionContinuesAfterALock(t *testing.T) {
	cfg := testConfig(t)
	cfg.Every = time.Millisecond
	s := openStore(t, cfg)
	other := openSQL(t, cfg.Path)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Errorf("retention ended because of a lock: %v", err)
	}
}
