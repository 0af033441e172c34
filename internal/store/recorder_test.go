package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// witness notes what a recorder tells its surroundings.
type witness struct {
	live    []string
	dead    []string
	healthy []string
}

func (w *witness) Alert(a *models.Alert)           { w.live = append(w.live, a.ID) }
func (w *witness) Connection(c *models.Connection) { w.live = append(w.live, c.ID) }
func (w *witness) PublishDeadLetter(r models.Record, reason string) {
	w.dead = append(w.dead, fmt.Sprintf("%d %s", r.Offset, reason))
}
func (w *witness) health(err error) { w.healthy = append(w.healthy, fmt.Sprint(err)) }

func record(offset int64, v any) models.Record {
	b, ok := v.([]byte)
	if !ok {
		b, _ = json.Marshal(v)
	}
	return models.Record{Offset: offset, Value: b}
}

func TestRecorderStoresThenSaysSo(t *testing.T) {
	s, w, ledger := openStore(t, testConfig(t)), &witness{}, &obs.Ledger{}
	r := NewRecorder(s, Deps{Live: w, DeadLetters: w, Health: w.health, Alerts: ledger.Stage("alerts"), Connections: ledger.Stage("connections")})
	grown := sampleAlert(1)
	grown.Count += 5
	foreign := []byte(`{"id":"f","ts":"2026-01-29T12:00:00Z","src_ip":"::ffff:10.0.0.1","dst_ip":"2001:DB8::1","src_port":1,"dst_port":2,"proto":"TCP","score":0.9,"features":{"entropy":1}}`)
	safe, err := r.Records(t.Context(), models.TopicAlerts, 0, []models.Record{
		record(10, sampleAlert(1)), record(11, []byte("{broken")), record(12, grown), record(13, sampleAlert(1)),
		record(14, []byte(`{"id":"x","score":2}`)), record(15, foreign), record(17, []byte(`[]`)), record(18, []byte{}),
	})
	if err != nil || safe != 19 {
		t.Errorf("safe %d, %v", safe, err)
	}
	if d, err := s.Alert(t.Context(), grown.ID); err != nil || d.Count != grown.Count {
		t.Errorf("stored %d, want the grown one (%v)", d.Count, err)
	}
	d, err := s.Alert(t.Context(), "f")
	if err != nil || d.SrcIP != "10.0.0.1" || d.DstIP != "2001:db8::1" || d.Severity != "low" || d.Count != 1 || d.LastTS != d.TS || d.Reasons == nil {
		t.Errorf("foreign alert %+v %v", d, err)
	}
	if diff := cmp.Diff([]string{grown.ID, "f"}, w.live); diff != "" {
		t.Error(diff)
	}
	if len(w.dead) != 4 || !strings.HasPrefix(w.dead[0], "11 ") || !strings.Contains(w.dead[1], "score 2") {
		t.Errorf("dead letters %q", w.dead)
	}
	c := sampleConnection(2)
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
			t.Errorf("ledger does not add up: %+v", st)
		}
	}
	if len(w.healthy) != 0 {
		t.Errorf("health %q", w.healthy)
	}
}

// flaky fails a number of times.
type flaky struct {
	fails int
	saved int
}

func (f *flaky) SaveAlerts(context.Context, []models.Alert) error {
	if f.fails--; f.fails >= 0 {
		return fmt.Errorf("net.db: %w", ErrFull)
	}
	f.saved++
	return nil
}
func (f *flaky) SaveConnections(context.Context, []models.Connection) error { return nil }

func TestRecorderHoldsTheBatchWhileTheDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := &flaky{fails: 8}, &witness{}
		r := newRecorder(f, Deps{Health: w.health, Live: w})
		begin := time.Now()
		safe, err := r.Records(t.Context(), models.TopicAlerts, 0, []models.Record{record(6, sampleAlert(1))})
		if safe != 7 || err != nil || f.saved != 1 || len(w.live) != 1 {
			t.Errorf("safe %d, %v, saved %d, live %v", safe, err, f.saved, w.live)
		}
		if len(w.healthy) != 9 || !strings.Contains(w.healthy[0], "disk is full") || w.healthy[8] != "<nil>" {
			t.Errorf("health %q", w.healthy)
		}
		if took := time.Since(begin); took < 5*time.Second || took > 30*time.Second {
			t.Errorf("8 pauses took %v", took)
		}
	})
}

func TestRecorderGivesUpOnlyWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := &witness{}
		safe, err := newRecorder(&flaky{fails: 1 << 30}, Deps{Live: w}).Records(ctx, models.TopicAlerts, 0, []models.Record{record(6, sampleAlert(1))})
		if safe != -1 || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrFull) || len(w.live) != 0 {
			t.Errorf("safe %d, %v, live %v", safe, err, w.live)
		}
	})
}

func FuzzDecode(f *testing.F) {
	a, _ := json.Marshal(sampleAlert(1))
	c, _ := json.Marshal(sampleConnection(1))
	f.Add(a)
	f.Add(c)
	f.Add([]byte(`{"id":"x","ts":5}`))
	s := openStore(f, testConfig(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		var a models.Alert
		if decodeAlert(b, &a) == nil { // whatever is let in can be stored and read
			saveAlerts(t, s, a)
			if _, err := s.Alert(t.Context(), a.ID); err != nil {
				t.Fatal(err)
			}
		}
		var c models.Connection
		if decodeConnection(b, &c) == nil {
			saveConnections(t, s, c)
			if _, err := s.Connection(t.Context(), c.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}
