package recorder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openStore(t testing.TB) *store.Store {
	t.Helper()
	cfg := store.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "net.db")
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// collaborators records what a Recorder passes on.
type collaborators struct {
	live    []string
	dead    []string
	reports []error
}

func (w *collaborators) Alert(a *models.Alert)           { w.live = append(w.live, a.ID) }
func (w *collaborators) Connection(c *models.Connection) { w.live = append(w.live, c.ID) }
func (w *collaborators) PublishDeadLetter(r models.Record, reason string) {
	w.dead = append(w.dead, fmt.Sprintf("%d %s", r.Offset, reason))
}
func (w *collaborators) health(err error) { w.reports = append(w.reports, err) }

func record(offset int64, v any) models.Record {
	b, ok := v.([]byte)
	if !ok {
		b, _ = json.Marshal(v)
	}
	return models.Record{Offset: offset, Value: b}
}

// TestAlertsWithoutAddresses: an alert about a protocol without addresses is stored and found;
// alerts about other protocols need addresses.
func TestAlertsWithoutAddresses(t *testing.T) {
	s, w, ledger := openStore(t), &collaborators{}, &obs.Ledger{}
	r := New(s, Deps{Live: w, DeadLetters: w, Health: w.health, Alerts: ledger.Stage("alerts"), Connections: ledger.Stage("connections")})
	bridge, tcp := storetest.Alert(1), storetest.Alert(2)
	bridge.SrcIP, bridge.DstIP, bridge.Proto = "", "", models.ProtoSTP.String()
	tcp.DstIP = ""
	if _, err := r.Records(t.Context(), models.TopicAlerts, 0, []models.Record{record(1, bridge), record(2, tcp)}); err != nil {
		t.Fatal(err)
	}
	if len(w.dead) != 1 || !strings.HasPrefix(w.dead[0], "2 ") {
		t.Errorf("dead letters %q", w.dead)
	}
	if d, err := s.Alert(t.Context(), bridge.ID); err != nil || d.SrcIP != "" || d.DstIP != "" || d.Proto != "STP" {
		t.Errorf("%+v, %v", d, err)
	}
	for _, c := range []struct {
		filter models.Filter
		want   int64
	}{{models.Filter{Proto: "STP"}, 1}, {models.Filter{IP: netip.MustParsePrefix("0.0.0.0/0")}, 0}, {models.Filter{IP: netip.MustParsePrefix("::/0")}, 0}} {
		page, err := s.Alerts(t.Context(), models.AlertQuery{Filter: c.filter})
		if err != nil || page.Total != c.want {
			t.Errorf("%+v: %d alerts, %v", c.filter, page.Total, err)
		}
	}
}

func TestRowsAreWrittenBeforeTheOffset(t *testing.T) {
	s, w, ledger := openStore(t), &collaborators{}, &obs.Ledger{}
	r := New(s, Deps{Live: w, DeadLetters: w, Health: w.health, Alerts: ledger.Stage("alerts"), Connections: ledger.Stage("connections")})
	grown := storetest.Alert(1)
	grown.Count += 5
	foreign := []byte(`{"id":"f","ts":"2026-01-29T12:00:00Z","src_ip":"::ffff:10.0.0.1","dst_ip":"2001:DB8::1","src_port":1,"dst_port":2,"proto":"TCP","score":0.9,"features":{"entropy":1}}`)
	safe, err := r.Records(t.Context(), models.TopicAlerts, 0, []models.Record{
		record(10, storetest.Alert(1)), record(11, []byte("{broken")), record(12, grown), record(13, storetest.Alert(1)),
		record(14, []byte(`{"id":"x","score":2}`)), record(15, foreign), record(17, []byte(`[]`)), record(18, []byte{}),
	})
	if err != nil || safe != 19 {
		t.Errorf("safe %d, %v", safe, err)
	}
	if d, err := s.Alert(t.Context(), grown.ID); err != nil || d.Count != grown.Count {
		t.Errorf("stored count is %d, want the highest (%v)", d.Count, err)
	}
	d, err := s.Alert(t.Context(), "f")
	if err != nil || d.SrcIP != "10.0.0.1" || d.DstIP != "2001:db8::1" || d.Severity != "low" || d.Count != 1 || d.LastTS != d.TS || d.Reasons == nil {
		t.Errorf("foreign alert %+v %v", d, err)
	}
	if diff := cmp.Diff([]string{grown.ID, "f"}, w.live); diff != "" {
		t.Error(diff)
	}
	if len(w.dead) != 4 || !strings.HasPrefix(w.dead[0], "11 ") || !strings.HasPrefix(w.dead[1], "14 ") {
		t.Errorf("dead letters %q", w.dead)
	}
	c := storetest.Connection(2)
	if safe, err := r.Records(t.Context(), models.TopicConnections, 3, []models.Record{record(0, c), record(1, []byte(`{"id":"x","src_ip":"y","dst_ip":"z"}`))}); safe != 2 || err != nil {
		t.Errorf("connections: %d %v", safe, err)
	}
	if safe, err := r.Records(t.Context(), "other", 0, []models.Record{record(4, c)}); safe != 5 || err != nil {
		t.Errorf("other topic: %d %v", safe, err)
	}
	for _, st := range ledger.Counts() {
		var dropped uint64
		for _, n := range st.Dropped {
			dropped += n
		}
		if st.In == 0 || st.In != st.Out+dropped {
			t.Errorf("stage counts do not balance: %+v", st)
		}
	}
	if len(w.reports) != 0 {
		t.Errorf("health reports %v", w.reports)
	}
}

// flaky is a Saver that fails a number of times.
type flaky struct {
	fails int
	saved int
}

func (f *flaky) SaveAlerts(context.Context, []models.Alert) error {
	if f.fails--; f.fails >= 0 {
		return fmt.Errorf("net.db: %w", dbfile.ErrFull)
	}
	f.saved++
	return nil
}
func (f *flaky) SaveConnections(context.Context, []models.Connection) error { return nil }

func TestBatchIsRetriedWhileTheDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := &flaky{fails: 8}, &collaborators{}
		r := New(f, Deps{Health: w.health, Live: w})
		begin := time.Now()
		safe, err := r.Records(t.Context(), models.TopicAlerts, 0, []models.Record{record(6, storetest.Alert(1))})
		if safe != 7 || err != nil || f.saved != 1 || len(w.live) != 1 {
			t.Errorf("safe %d, %v, saved %d, live %v", safe, err, f.saved, w.live)
		}
		if len(w.reports) != 9 || !errors.Is(w.reports[0], dbfile.ErrFull) || w.reports[8] != nil {
			t.Errorf("health reports %v", w.reports)
		}
		if took := time.Since(begin); took < 5*time.Second || took > 30*time.Second {
			t.Errorf("8 retries took %v", took)
		}
	})
}

func TestRecordsReturnsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := &collaborators{}
		safe, err := New(&flaky{fails: 1 << 30}, Deps{Live: w}).Records(ctx, models.TopicAlerts, 0, []models.Record{record(6, storetest.Alert(1))})
		if safe != -1 || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, dbfile.ErrFull) || len(w.live) != 0 {
			t.Errorf("safe %d, %v, live %v", safe, err, w.live)
		}
	})
}

// A series that is too long, which no producer of NetLyra sends, keeps its newest values.
func TestSeriesIsBounded(t *testing.T) {
	a := storetest.Alert(1)
	a.Evidence = &models.Evidence{Feature: "ports"}
	for i := range 3 * models.MaxEvidencePoints {
		a.Evidence.Series = append(a.Evidence.Series, models.EvidencePoint{TS: models.Timestamp(i), Value: float64(i)})
	}
	b, err := json.Marshal(&a)
	if err != nil {
		t.Fatal(err)
	}
	var got models.Alert
	if err := decodeAlert(b, &got); err != nil {
		t.Fatal(err)
	}
	series := got.Evidence.Series
	if n := len(series); n != models.MaxEvidencePoints || series[n-1] != a.Evidence.Series[len(a.Evidence.Series)-1] {
		t.Errorf("%d values: %v", n, series)
	}
}

func FuzzDecode(f *testing.F) {
	a, _ := json.Marshal(storetest.Alert(1))
	c, _ := json.Marshal(storetest.Connection(1))
	f.Add(a)
	f.Add(c)
	f.Add([]byte(`{"id":"x","ts":5}`))
	s := openStore(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var a models.Alert
		if decodeAlert(b, &a) == nil { // every accepted record can be written and read
			if err := s.SaveAlerts(t.Context(), []models.Alert{a}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Alert(t.Context(), a.ID); err != nil {
				t.Fatal(err)
			}
		}
		var c models.Connection
		if decodeConnection(b, &c) == nil {
			if err := s.SaveConnections(t.Context(), []models.Connection{c}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Connection(t.Context(), c.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}
