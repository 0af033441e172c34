package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// slowLog is a log whose brokers answer on request of the test.
type slowLog struct {
	life
	flush, save chan error
	saves       int
}

func newSlowLog() *slowLog {
	return &slowLog{life: newLog().begin(), flush: make(chan error), save: make(chan error)}
}

func (l *slowLog) FlushAlerts(ctx context.Context) error {
	if err := wait(ctx, l.flush); err != nil {
		return err
	}
	return l.life.FlushAlerts(ctx)
}

func (l *slowLog) SaveInfo(ctx context.Context, group string, lane int32, info models.CheckpointInfo, state []byte) error {
	l.saves++
	if err := wait(ctx, l.save); err != nil {
		return err
	}
	return l.life.SaveInfo(ctx, group, lane, info, state)
}

func wait(ctx context.Context, answer <-chan error) error {
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slowEngine returns an engine that saves after every 500 records, and 2000 records for it.
func slowEngine(t *testing.T, l *slowLog) (*Engine, []models.Record) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.CheckpointRecords = 500
	ledger := &obs.Ledger{}
	e, err := New(cfg, Deps{Alerts: l, Checkpoints: l, NoCheckpoint: errNone,
		Consume: ledger.Stage("consume"), Score: ledger.Stage("score"), Alert: ledger.Stage("alert")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Assigned(t.Context(), models.TopicPackets, 0); err != nil {
		t.Fatal(err)
	}
	return e, recordsOf(scanned(7), 1)[:2000]
}

// TestSavesBesideTheLane: packets are scored while a checkpoint is written; no offset is safe
// before it is durable; alerts are durable before the write starts; and the checkpoint has the
// state of the time of its snapshot.
func TestSavesBesideTheLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newSlowLog()
		e, recs := slowEngine(t, l)
		if safe := feed(t, e, recs[:1500], 0, 1<<30); safe != -1 {
			t.Fatalf("safe offset is %d, want none", safe)
		}
		synctest.Wait()
		if st := e.Statuses()[0]; st.Offset != 1500 || l.saves != 0 {
			t.Fatalf("offset %d, %d saves started; want 1500, and none before the flush", st.Offset, l.saves)
		}
		l.flush <- nil
		synctest.Wait()
		if safe := feed(t, e, recs[:1600], 1500, 1); safe != -1 || l.saves != 1 {
			t.Fatalf("safe %d, %d saves; want no safe offset and one save in progress", safe, l.saves)
		}
		l.save <- nil
		synctest.Wait()
		if safe := feed(t, e, recs[:1700], 1600, 1); safe != 500 || l.offset != 500 {
			t.Fatalf("safe %d, saved %d; want 500", safe, l.offset)
		}
		lane, err := NewLane(e.cfg, 0, func(*models.Alert) {})
		if err != nil {
			t.Fatal(err)
		}
		if err := lane.Restore(l.state); err != nil || lane.Offset(0) != 500 || lane.Status().Packets != 500 {
			t.Fatalf("snapshot has offset %d, %d packets, %v", lane.Offset(0), lane.Status().Packets, err)
		}
		// The next one began with that call. Letting go of the lane waits for it and then
		// saves what has come since.
		go func() {
			for range 2 {
				l.flush <- nil
				l.save <- nil
			}
		}()
		feed(t, e, recs[:1800], 1700, 1)
		if safe, err := e.Revoked(t.Context(), models.TopicPackets, 0); safe != 1800 || err != nil || l.offset != 1800 {
			t.Fatalf("safe %d, saved %d, %v; want 1800", safe, l.offset, err)
		}
	})
}

// TestLostLaneCancelsSaving: an engine that loses a lane cancels the checkpoint in progress before
// it releases the lane.
func TestLostLaneCancelsSaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newSlowLog()
		e, recs := slowEngine(t, l)
		feed(t, e, recs[:600], 0, 1<<30)
		ctx, lost := context.WithCancel(t.Context())
		lost()
		if safe, err := e.Revoked(ctx, models.TopicPackets, 0); safe != -1 || !errors.Is(err, context.Canceled) {
			t.Fatalf("safe %d, %v", safe, err)
		}
		if l.offset != -1 {
			t.Errorf("a checkpoint at %d was saved", l.offset)
		}
	})
}

// TestFailedCheckpointStops: an engine whose checkpoints are refused stops.
func TestFailedCheckpointStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newSlowLog()
		e, recs := slowEngine(t, l)
		feed(t, e, recs[:600], 0, 1<<30)
		l.flush <- nil
		l.save <- errors.New("topic does not exist")
		synctest.Wait()
		if _, err := e.Records(t.Context(), models.TopicPackets, 0, recs[600:700]); err == nil {
			t.Error("the engine continues")
		}
	})
}
