package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// clock is a wall clock that a test sets; the engine's goroutines read it.
type clock struct{ since atomic.Int64 }

func (c *clock) advance(d time.Duration) { c.since.Add(int64(d)) }

func (c *clock) now() time.Time { return time.Unix(1000, 0).Add(time.Duration(c.since.Load())) }

// clocked returns an engine with two assigned partitions of one lane and a small model, whose
// clock the test sets. atEnd is what the brokers answer.
func clocked(t *testing.T, l *log, c *clock, atEnd *bool) *Engine {
	t.Helper()
	cfg, reached, ledger := laneConfig(2, 1<<30), l.begin(), &obs.Ledger{}
	cfg.Trees, cfg.Depth = 2, 3
	e, err := New(cfg, Deps{Alerts: reached, Checkpoints: reached, NoCheckpoint: errNone, DeadLetters: l, Scores: l,
		Consume: ledger.Stage("consume"), Score: ledger.Stage("score"), Alert: ledger.Stage("alert"),
		AtEnd: func(context.Context) bool { return *atEnd }, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	for p := range int32(2) {
		if start, err := e.Assigned(t.Context(), models.TopicPackets, p); err != nil || start != -1 {
			t.Fatalf("partition %d starts at %d: %v", p, start, err)
		}
	}
	return e
}

// tickIdle runs what Run does at each tick.
func tickIdle(t *testing.T, e *Engine) {
	t.Helper()
	for _, w := range e.list() {
		if err := w.idle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func held(e *Engine) uint64 { return e.Statuses()[0].Held }

// waitingRecords are packets of a producer with two partitions, without a tick.
func waitingRecords(n int) (recs []models.Record) {
	for i := range n {
		r := plainRecord(0, int64(i))
		r.Sequence = models.Sequence{Producer: 7, Number: uint64(i), Order: uint64(i)}
		recs = append(recs, *r)
	}
	return recs
}

// TestIdleReleases: packets that wait for others are released when the lane has been at the end
// of the log for releaseAfter, and not before.
func TestIdleReleases(t *testing.T) {
	c, atEnd := &clock{}, false
	e := clocked(t, newLog(), c, &atEnd)
	if _, err := e.Records(t.Context(), models.TopicPackets, 0, waitingRecords(10)); err != nil || held(e) != 10 {
		t.Fatalf("%d packets wait: %v", held(e), err)
	}
	for _, step := range []struct {
		after time.Duration
		atEnd bool
		want  uint64
	}{
		{0, true, 10}, // records have just arrived
		{releaseAfter - time.Nanosecond, true, 10}, // too early
		{time.Nanosecond, false, 10},               // there are more records
		{time.Hour, false, 10},                     // the same
		{0, true, 0},                               // at the end
		{time.Hour, true, 0},                       // there is nothing to release
	} {
		c.advance(step.after)
		atEnd = step.atEnd
		tickIdle(t, e)
		if got := held(e); got != step.want {
			t.Errorf("after %v, at the end %v: %d packets wait, want %d", step.after, step.atEnd, got, step.want)
		}
	}
	if s := e.Statuses()[0]; s.Packets != 10 || s.Missing != 0 {
		t.Errorf("status %+v, want 10 packets", s)
	}
}

// TestIdleSaves: without further records the checkpoint is written after the interval, and the
// next engine starts at its offsets.
func TestIdleSaves(t *testing.T) {
	c, atEnd, l := &clock{}, true, newLog()
	e := clocked(t, l, c, &atEnd)
	every := e.cfg.CheckpointEvery
	for i := range int64(3) {
		if _, err := e.Records(t.Context(), models.TopicPackets, 1, []models.Record{*plainRecord(1, i)}); err != nil {
			t.Fatal(err)
		}
	}
	c.advance(every - time.Nanosecond)
	tickIdle(t, e)
	if l.saved() >= 0 || e.list()[0].saving != nil {
		t.Fatal("a checkpoint is written before the interval")
	}
	c.advance(time.Nanosecond)
	tickIdle(t, e)
	w := e.list()[0]
	if w.saving == nil {
		t.Fatal("no checkpoint is written after the interval")
	}
	<-w.saving.done
	tickIdle(t, e) // a second tick collects the result
	if got := w.safeOffset(1); got != 3 {
		t.Errorf("safe offset %d, want 3", got)
	}
	if got := w.safeOffset(0); got != -1 {
		t.Errorf("safe offset %d of a partition without records, want -1", got)
	}
	saved := l.state
	c.advance(time.Hour)
	tickIdle(t, e)
	if w.saving != nil || &saved[0] != &l.state[0] {
		t.Error("a checkpoint without changes is written")
	}
	cfg := e.cfg
	next, err := New(cfg, Deps{Alerts: l.begin(), Checkpoints: l.begin(), NoCheckpoint: errNone})
	if err != nil {
		t.Fatal(err)
	}
	if start, err := next.Assigned(t.Context(), models.TopicPackets, 1); err != nil || start != 3 {
		t.Errorf("the next engine starts at %d: %v", start, err)
	}
}

// TestPassedIsSaved: offsets without records advance the lane and are saved with the next
// checkpoint.
func TestPassedIsSaved(t *testing.T) {
	c, atEnd, l := &clock{}, true, newLog()
	e := clocked(t, l, c, &atEnd)
	e.Passed(models.TopicPackets, 0, 0, 50)
	e.Passed(models.TopicPackets, 0, 40, 60) // from another place: without effect
	e.Passed(models.TopicPackets, 9, 0, 60)  // a partition without a producer's records
	if safe, err := e.Revoked(t.Context(), models.TopicPackets, 0); err != nil || safe != 50 {
		t.Errorf("safe offset %d: %v, want 50", safe, err)
	}
	if safe, err := e.Records(t.Context(), models.TopicPackets, 1, []models.Record{*plainRecord(1, 0)}); err != nil || safe != -1 {
		t.Errorf("records after the lane was closed: safe offset %d, %v", safe, err)
	}
}

// TestAheadRetries: a partition that is far ahead of another one is read again later, for at
// most stallAfter without progress.
func TestAheadRetries(t *testing.T) {
	c, atEnd := &clock{}, false
	e := clocked(t, newLog(), c, &atEnd)
	tick := models.Record{ContentType: models.ContentTypeTick, Sequence: models.Sequence{Producer: 7, Number: 0, Order: 1 << 30}}
	if _, err := e.Records(t.Context(), models.TopicPackets, 0, []models.Record{tick}); err != nil {
		t.Fatal(err)
	}
	o := e.list()[0].lane.order
	m := models.PacketMeta{TS: 1e18, Src: addr(10, 0, 0, 1), Dst: addr(10, 0, 0, 2)}
	for i := uint64(0); !o.Ahead(0); i++ {
		o.Add(0, models.Sequence{Producer: 7, Number: i, Order: 1<<30 + i}, &m)
	}
	next := []models.Record{*plainRecord(0, 1)}
	for _, step := range []struct {
		after time.Duration
		retry bool
	}{{0, true}, {stallAfter - time.Nanosecond, true}, {time.Nanosecond, false}} {
		c.advance(step.after)
		_, err := e.Records(t.Context(), models.TopicPackets, 0, next)
		var later interface{ Later() bool }
		if got := errors.As(err, &later) && later.Later(); got != step.retry {
			t.Fatalf("after %v: %v, want a retry: %v", step.after, err, step.retry)
		}
	}
	if _, err := e.Records(t.Context(), models.TopicPackets, 1, []models.Record{*plainRecord(1, 0)}); err != nil {
		t.Errorf("the partition that is late: %v", err)
	}
}

// TestUnreadableAreDeadLetters: each record that cannot be read is published once, and the
// others of the batch are processed.
func TestUnreadableAreDeadLetters(t *testing.T) {
	c, atEnd, l := &clock{}, false, newLog()
	e := clocked(t, l, c, &atEnd)
	var recs []models.Record
	for i := range int64(20) {
		r := *plainRecord(0, i)
		if i%4 == 1 {
			r.ContentType = fmt.Sprint("unknown/", i)
		}
		recs = append(recs, r)
	}
	if _, err := e.Records(t.Context(), models.TopicPackets, 0, recs); err != nil {
		t.Fatal(err)
	}
	if s := e.Statuses()[0]; len(l.dead) != 5 || s.Unreadable != 5 || s.Packets != 15 || s.Offset != 20 {
		t.Errorf("%d dead letters, status %+v", len(l.dead), s)
	}
}
