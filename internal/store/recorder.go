package store

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// Deps is what a Recorder works with. Nil fields are left out.
type Deps struct {
	// Live hears of each row that was stored. It must not block.
	Live interface {
		Alert(*models.Alert)
		Connection(*models.Connection)
	}
	// DeadLetters takes records that cannot be read.
	DeadLetters interface {
		PublishDeadLetter(rec models.Record, reason string)
	}
	// Health hears why rows cannot be stored, and nil when they can again.
	Health func(error)
	// Alerts and Connections count records by topic.
	Alerts, Connections *obs.Stage
	Log                 *slog.Logger
	// Topics in use; "" is the default name.
	AlertsTopic, ConnectionsTopic string
}

// saver is the part of Store that writes.
type saver interface {
	SaveAlerts(context.Context, []models.Alert) error
	SaveConnections(context.Context, []models.Connection) error
}

// Recorder takes records of the alerts and connections topics and stores them: rows
// first, then the offset. It is the handler of a consumer group.
type Recorder struct {
	store saver
	deps  Deps
	retry struct{ first, last time.Duration } // bounds of the pause between tries
}

// Why records are not stored, as the ledger counts them.
const (
	DropUnreadable = "unreadable"  // sent to the dead letters
	DropReplaced   = "replaced"    // a newer record of the same id was in the same batch
	DropTopic      = "wrong topic" // neither alerts nor connections
)

// NewRecorder makes a recorder that writes to s.
func NewRecorder(s *Store, deps Deps) *Recorder { return newRecorder(s, deps) }

func newRecorder(s saver, deps Deps) *Recorder {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	if deps.AlertsTopic == "" {
		deps.AlertsTopic = models.TopicAlerts
	}
	if deps.ConnectionsTopic == "" {
		deps.ConnectionsTopic = models.TopicConnections
	}
	r := &Recorder{store: s, deps: deps}
	r.retry.first, r.retry.last = 100*time.Millisecond, 5*time.Second
	return r
}

// Assigned asks for the committed offset, or the earliest: rows are written before
// offsets are committed, and what is read twice is stored once.
func (r *Recorder) Assigned(context.Context, string, int32) (int64, error) { return -1, nil }

// Revoked has nothing left to do: Records returns only when its rows are stored.
func (r *Recorder) Revoked(context.Context, string, int32) (int64, error) { return -1, nil }

// Records stores a batch, tells the live view of it and returns the offset behind it.
// While the file cannot be written it waits and tries again, until ctx ends; then the
// offset is -1 and nothing of the batch may be committed.
func (r *Recorder) Records(ctx context.Context, topic string, _ int32, recs []models.Record) (safe int64, err error) {
	if len(recs) == 0 {
		return -1, nil
	}
	switch topic {
	case r.deps.AlertsTopic:
		err = r.alerts(ctx, recs)
	case r.deps.ConnectionsTopic:
		err = r.connections(ctx, recs)
	default:
		r.deps.Alerts.In(uint64(len(recs)), 0)
		r.deps.Alerts.Drop(DropTopic, uint64(len(recs)))
	}
	if err != nil {
		return -1, err
	}
	return recs[len(recs)-1].Offset + 1, nil
}

func (r *Recorder) alerts(ctx context.Context, recs []models.Record) error {
	rows := coalesce(r, r.deps.Alerts, recs, decodeAlert, func(a *models.Alert) string { return a.ID }, newerAlert)
	if err := r.persist(ctx, func() error { return r.store.SaveAlerts(ctx, rows) }); err != nil {
		return err
	}
	r.deps.Alerts.Out(uint64(len(rows)))
	if r.deps.Live != nil {
		for i := range rows {
			r.deps.Live.Alert(&rows[i])
		}
	}
	return nil
}

func (r *Recorder) connections(ctx context.Context, recs []models.Record) error {
	rows := coalesce(r, r.deps.Connections, recs, decodeConnection, func(c *models.Connection) string { return c.ID }, newerConnection)
	if err := r.persist(ctx, func() error { return r.store.SaveConnections(ctx, rows) }); err != nil {
		return err
	}
	r.deps.Connections.Out(uint64(len(rows)))
	if r.deps.Live != nil {
		for i := range rows {
			r.deps.Live.Connection(&rows[i])
		}
	}
	return nil
}

// coalesce decodes recs and keeps of each id the record that stands, in the order in
// which the ids first appeared. A connection in a busy batch is written once, not at
// each of its changes.
func coalesce[R any](r *Recorder, stage *obs.Stage, recs []models.Record, decode func([]byte, *R) error, id func(*R) string, newer func(a, b *R) bool) []R {
	rows, at := make([]R, 0, len(recs)), make(map[string]int, len(recs))
	var bad, replaced uint64
	for i := range recs {
		var row R
		err := decode(recs[i].Value, &row)
		if recs[i].Unreadable != "" {
			err = errors.New(recs[i].Unreadable)
		}
		if err != nil {
			bad++
			if r.deps.DeadLetters != nil {
				r.deps.DeadLetters.PublishDeadLetter(recs[i], err.Error())
			}
			continue
		}
		if j, ok := at[id(&row)]; ok {
			replaced++
			if newer(&row, &rows[j]) {
				rows[j] = row
			}
			continue
		}
		at[id(&row)] = len(rows)
		rows = append(rows, row)
	}
	stage.In(uint64(len(recs)), 0)
	stage.Drop(DropUnreadable, bad)
	stage.Drop(DropReplaced, replaced)
	return rows
}

// persist calls save until it succeeds or ctx ends.
func (r *Recorder) persist(ctx context.Context, save func() error) error {
	failed := false
	for pause := r.retry.first; ; pause = min(2*pause, r.retry.last) {
		err := save()
		if err == nil {
			if failed {
				r.deps.Log.Info("rows are stored again")
				r.health(nil)
			}
			return nil
		}
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		if !failed {
			r.deps.Log.Error("rows cannot be stored; the batch is held and tried again", "error", err)
		}
		failed = true
		r.health(obs.Failed(vocabulary.ConditionStoreUnavailable, nil, "%w", err))
		// Half of the pause by chance, so that several partitions do not try in step.
		t := time.NewTimer(pause/2 + rand.N(pause/2+1))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

func (r *Recorder) health(err error) {
	if r.deps.Health != nil {
		r.deps.Health(err)
	}
}
