package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/wire"
)

var errNone = errors.New("no checkpoint")

// log simulates the brokers: alerts that are not flushed are lost in a crash.
type log struct {
	mu      sync.Mutex
	crashes int
	pending []models.Alert
	alerts  map[string]models.Alert
	offset  int64
	state   []byte
	dead    []string
	samples uint64
	fail    error
}

func newLog() *log { return &log{alerts: map[string]models.Alert{}, offset: -1} }

// life is the log as seen by one engine until it crashes.
type life struct {
	*log
	born int
}

// begin starts a life and ends the previous one: unflushed writes of that engine are lost.
func (l *log) begin() life {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.crashes++
	l.pending = nil
	return life{l, l.crashes}
}

var errCrashed = errors.New("engine has crashed")

// alive locks the log unless the engine has crashed.
func (l life) alive() error {
	l.mu.Lock()
	if l.crashes != l.born {
		l.mu.Unlock()
		return errCrashed
	}
	return nil
}

func (l life) PublishAlert(_ context.Context, a *models.Alert) error {
	if err := l.alive(); err != nil {
		return err
	}
	defer l.mu.Unlock()
	l.pending = append(l.pending, *a)
	return l.fail
}

func (l life) FlushAlerts(context.Context) error {
	if err := l.alive(); err != nil {
		return err
	}
	defer l.mu.Unlock()
	for _, a := range l.pending {
		l.alerts[a.ID] = a
	}
	l.pending = nil
	return nil
}

func (l life) SaveInfo(_ context.Context, group string, lane int32, info models.CheckpointInfo, state []byte) error {
	if err := l.alive(); err != nil {
		return err
	}
	defer l.mu.Unlock()
	l.offset, l.state = info.Offset, append([]byte(nil), state...)
	return nil
}

func (l life) Load(context.Context, string, int32) (int64, []byte, error) {
	if err := l.alive(); err != nil {
		return 0, nil, err
	}
	defer l.mu.Unlock()
	if l.offset < 0 {
		return 0, nil, fmt.Errorf("partition 0: %w", errNone)
	}
	return l.offset, l.state, nil
}

// saved returns the offset of the newest checkpoint, -1 without one.
func (l *log) saved() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.offset
}

func (l *log) PublishDeadLetter(r models.Record, reason string) { l.dead = append(l.dead, reason) }
func (l *log) PublishScores(b *models.ScoreBatch)               { l.samples += b.Count }

func engineOn(t *testing.T, l *log, ledger *obs.Ledger, every int) *Engine {
	t.Helper()
	cfg, reached := DefaultConfig(), l.begin()
	cfg.CheckpointRecords = every
	e, err := New(cfg, Deps{Alerts: reached, Checkpoints: reached, NoCheckpoint: errNone, Scores: l, DeadLetters: l,
		Consume: ledger.Stage("consume"), Score: ledger.Stage("score"), Alert: ledger.Stage("alert")})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// recordsOf encodes packets as JSON, one per record, or packed.
func recordsOf(list []models.PacketMeta, per int) (out []models.Record) {
	var enc wire.PackedEncoder
	for i := range list {
		r := models.Record{Topic: models.TopicPackets, Offset: int64(len(out))}
		if per == 1 {
			r.Value = wire.AppendPacket(nil, &list[i])
			out = append(out, r)
			continue
		}
		enc.Append(&list[i])
		if enc.Len() == per || i == len(list)-1 {
			r.ContentType, r.Value = models.ContentTypePacked, enc.AppendTo(nil)
			enc.Reset()
			out = append(out, r)
		}
	}
	return out
}

// feed passes records in batches from offset start on, up to n batches.
func feed(t *testing.T, e *Engine, recs []models.Record, start int64, batches int) (safe int64) {
	t.Helper()
	safe = -1
	for i := int(max(start, 0)); i < len(recs) && batches > 0; batches-- {
		j := min(i+100, len(recs))
		s, err := e.Records(context.Background(), models.TopicPackets, 0, recs[i:j])
		if err != nil {
			t.Fatal(err)
		}
		if s >= 0 {
			safe = s
		}
		i = j
	}
	return safe
}

func TestCrashAndRestart(t *testing.T) {
	ctx := context.Background()
	for _, per := range []int{1, 32} {
		recs := recordsOf(scanned(7), per)
		whole := newLog()
		e := engineOn(t, whole, &obs.Ledger{}, 1<<30)
		start, err := e.Assigned(ctx, models.TopicPackets, 0)
		if err != nil || start != -1 {
			t.Fatalf("start %d, %v", start, err)
		}
		feed(t, e, recs, 0, 1<<30)
		if safe, err := e.Revoked(ctx, models.TopicPackets, 0); err != nil || safe != int64(len(recs)) {
			t.Fatalf("safe %d of %d, %v", safe, len(recs), err)
		}
		crashed := newLog()
		for life := range 6 { // each crashes, except for the last
			e := engineOn(t, crashed, &obs.Ledger{}, 300)
			start, err := e.Assigned(ctx, models.TopicPackets, 0)
			if err != nil {
				t.Fatal(err)
			}
			batches := len(recs) / 100 / 4
			if life == 5 {
				batches = 1 << 30
			}
			if safe := feed(t, e, recs, start, batches); safe > crashed.saved() {
				t.Fatalf("safe offset %d, checkpoint at %d", safe, crashed.saved())
			}
			if life == 5 {
				if _, err := e.Revoked(ctx, models.TopicPackets, 0); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(whole.alerts) == 0 {
			t.Fatal("no alerts to compare")
		}
		if d := cmp.Diff(whole.alerts, crashed.alerts); d != "" {
			t.Errorf("%d packets per record: alerts after crashes differ:\n%s", per, d)
		}
	}
}

func TestUnreadableRecordsPass(t *testing.T) {
	ctx := context.Background()
	l, ledger := newLog(), &obs.Ledger{}
	e := engineOn(t, l, ledger, 1<<30)
	if _, err := e.Assigned(ctx, models.TopicPackets, 0); err != nil {
		t.Fatal(err)
	}
	recs := recordsOf(scanned(1)[:200], 1)
	recs[20].Value = []byte(`{"ts":`)
	recs[21].ContentType = "text/html"
	recs[22].ContentType, recs[22].Value = models.ContentTypePacked, []byte{0xff}
	recs[23].Value = nil
	feed(t, e, recs, 0, 1<<30)
	if len(l.dead) != 4 {
		t.Errorf("dead letters %q, want 4", l.dead)
	}
	for _, c := range ledger.Counts() {
		dropped := uint64(0)
		for _, n := range c.Dropped {
			dropped += n
		}
		if c.In != c.Out+dropped {
			t.Errorf("counts of stage %s do not add up: %+v", c.Stage, c)
		}
		if c.Stage == "consume" && (c.In != 200 || c.Out != 196) || c.Stage == "score" && c.Out != 146 {
			t.Errorf("%+v", c)
		}
	}
	if st := e.Statuses(); len(st) != 1 || st[0].Offset != 200 || st[0].Scored != 146 {
		t.Errorf("%+v", st)
	}
}

func TestRecordsOfUnassignedPartition(t *testing.T) {
	e := engineOn(t, newLog(), &obs.Ledger{}, 1)
	if _, err := e.Records(context.Background(), models.TopicPackets, 3, nil); err == nil {
		t.Error("Records accepted records of a partition that was not assigned")
	}
	if safe, err := e.Revoked(context.Background(), models.TopicPackets, 3); safe != -1 || err != nil {
		t.Errorf("revoked: %d, %v", safe, err)
	}
}

func TestFailedAlertStops(t *testing.T) {
	l := newLog()
	l.fail = errors.New("broker unreachable")
	e := engineOn(t, l, &obs.Ledger{}, 1)
	if _, err := e.Assigned(context.Background(), models.TopicPackets, 0); err != nil {
		t.Fatal(err)
	}
	safe, err := e.Records(context.Background(), models.TopicPackets, 0, recordsOf(scanned(1), 1))
	if !errors.Is(err, l.fail) || safe != -1 {
		t.Errorf("safe %d, error %v; want -1 and the publisher's error", safe, err)
	}
}

// TestIdlePublishes expects that grown alerts are published and state is saved without further
// packets.
func TestIdlePublishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		l := newLog()
		e := engineOn(t, l, &obs.Ledger{}, 1<<30)
		if _, err := e.Assigned(ctx, models.TopicPackets, 0); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- e.Run(ctx) }()
		recs := recordsOf(scanned(7), 1)
		feed(t, e, recs, 0, 1<<30)
		<-time.After(time.Minute) // of the bubble's clock
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if l.offset != int64(len(recs)) || len(l.alerts) == 0 || l.samples == 0 {
			t.Errorf("offset %d of %d, %d alerts, %d samples", l.offset, len(recs), len(l.alerts), l.samples)
		}
		before := len(l.alerts)
		if _, err := e.Revoked(context.Background(), models.TopicPackets, 0); err != nil || len(l.alerts) != before {
			t.Errorf("after the end: %v, %d alerts, had %d", err, len(l.alerts), before)
		}
	})
}
