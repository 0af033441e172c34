package recorder

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/store/row"
)

// Deps are the collaborators of a Recorder. Nil fields are not used.
type Deps struct {
	// Live receives each row after it was written. It must not block.
	Live interface {
		Alert(*models.Alert)
		Connection(*models.Connection)
	}
	// DeadLetters receives records that cannot be decoded.
	DeadLetters interface {
		PublishDeadLetter(rec models.Record, reason string)
	}
	// Health receives the error while rows cannot be written, and nil when they can again.
	Health func(error)
	// Alerts and Connections count the records of each topic.
	Alerts, Connections *obs.Stage
	Log                 *slog.Logger
	// AlertsTopic and ConnectionsTopic are the topics in use; "" is the default name.
	AlertsTopic, ConnectionsTopic string
}

// Saver writes rows; *store.Store is one. Saving the same rows twice must be harmless.
type Saver interface {
	SaveAlerts(context.Context, []models.Alert) error
	SaveConnections(context.Context, []models.Connection) error
}

// Recorder is the handler of the consumer group that writes the alerts and connections
// topics to the database: first the rows, then the offset.
type Recorder struct {
	store Saver
	deps  Deps
	retry struct{ first, last time.Duration } // first and longest pause between attempts
}

// New returns a recorder that writes to s.
func New(s Saver, deps Deps) *Recorder {
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

// Assigned returns -1, which selects the committed offset, or the start offset if the group
// has not committed one. Rows are written before their offset is committed, and writing them
// twice has no effect.
func (r *Recorder) Assigned(context.Context, string, int32) (int64, error) { return -1, nil }

// Revoked returns -1: nothing is pending, because Records returns after its rows are
// written.
func (r *Recorder) Revoked(context.Context, string, int32) (int64, error) { return -1, nil }

// Records writes a batch, passes its rows to Deps.Live and returns the offset after it.
// While the database cannot be written it retries until ctx ends; then the offset is -1
// and nothing of the batch may be committed.
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
		r.deps.Alerts.Drop(vocabulary.DropRecordWrongTopic, uint64(len(recs)))
	}
	if err != nil {
		return -1, err
	}
	return recs[len(recs)-1].Offset + 1, nil
}

func (r *Recorder) alerts(ctx context.Context, recs []models.Record) error {
	rows := coalesce(r, r.deps.Alerts, recs, decodeAlert, func(a *models.Alert) string { return a.ID }, row.NewerAlert)
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
	rows := coalesce(r, r.deps.Connections, recs, decodeConnection, func(c *models.Connection) string { return c.ID }, row.NewerConnection)
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

// coalesce decodes recs and keeps the newest record of each id, in the order in which the
// ids first appear. A connection that changes several times in a batch is written once.
func coalesce[R any](r *Recorder, stage *obs.Stage, recs []models.Record, decode func([]byte, *R) error, id func(*R) string, newer func(a, b *R) bool) []R {
	rows, at := make([]R, 0, len(recs)), make(map[string]int, len(recs))
	var unreadable, replaced uint64
	for i := range recs {
		var rec R
		err := decode(recs[i].Value, &rec)
		if recs[i].Unreadable != "" {
			err = errors.New(recs[i].Unreadable)
		}
		if err != nil {
			unreadable++
			if r.deps.DeadLetters != nil {
				r.deps.DeadLetters.PublishDeadLetter(recs[i], err.Error())
			}
			continue
		}
		if j, ok := at[id(&rec)]; ok {
			replaced++
			if newer(&rec, &rows[j]) {
				rows[j] = rec
			}
			continue
		}
		at[id(&rec)] = len(rows)
		rows = append(rows, rec)
	}
	stage.In(uint64(len(recs)), 0)
	stage.Drop(vocabulary.DropUnreadable, unreadable)
	stage.Drop(vocabulary.DropRecordReplaced, replaced)
	return rows
}

// persist calls save until it succeeds or ctx ends.
func (r *Recorder) persist(ctx context.Context, save func() error) error {
	failed := false
	for pause := r.retry.first; ; pause = min(2*pause, r.retry.last) {
		err := save()
		if err == nil {
			if failed {
				r.deps.Log.Info("writing rows again", vocabulary.EventRecordingResumed.Attr())
				r.health(nil)
			}
			return nil
		}
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), err)
		}
		if !failed {
			r.deps.Log.Error("cannot write rows; buffering the batch and retrying", vocabulary.EventRecordingFailed.Attr(), "error", err)
		}
		failed = true
		r.health(obs.Failed(vocabulary.ConditionStoreUnavailable, nil, "%w", err))
		// Half of the pause is random, so that partitions do not retry simultaneously.
		retry := time.NewTimer(pause/2 + rand.N(pause/2+1))
		select {
		case <-retry.C:
		case <-ctx.Done():
			retry.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

func (r *Recorder) health(err error) {
	if r.deps.Health != nil {
		r.deps.Health(err)
	}
}
