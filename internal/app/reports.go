package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// tailer reads topics; see consumer.Tail.
type tailer interface {
	Tail(context.Context, consumer.TailConfig, func(*models.Record) error) error
}

// clientTailer is the tailer of a connection.
type clientTailer struct{ *client.Client }

func (t clientTailer) Tail(ctx context.Context, cfg consumer.TailConfig, fn func(*models.Record) error) error {
	return consumer.Tail(ctx, t.Client, cfg, fn)
}

// reports reads the stats topic, on which every process reports its counts, and parses
// each record once. The ledger gets the records since it was saved; live gets only those
// written after Run started, because it describes the present. One goroutine calls Run.
type reports struct {
	client tailer
	topic  string
	from   time.Time // earlier records are in the saved ledger; zero: start at the end
	ledger func(*models.InstanceStats)
	live   func(*models.InstanceStats)
	log    *slog.Logger

	seen map[int32]int64 // by partition: the last offset read by catchUp
}

const (
	// reportsOverlap is how much is read again after a restart, because clocks of hosts
	// differ. The ledger ignores reports that it has.
	reportsOverlap = 10 * time.Second
	reportsRetry   = time.Second
)

// Run reads until ctx ends and retries after errors.
func (r *reports) Run(ctx context.Context) {
	for ctx.Err() == nil {
		started := time.Now()
		err := r.catchUp(ctx)
		if err == nil && ctx.Err() == nil {
			err = r.follow(ctx, started)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		r.log.Warn("cannot read the stats topic; retrying", vocabulary.EventStatsUnreadable.Attr(), "topic", r.topic, "err", err)
		select {
		case <-time.After(reportsRetry):
		case <-ctx.Done():
		}
	}
}

// catchUp reads what was written between the save of the ledger and now.
func (r *reports) catchUp(ctx context.Context) error {
	r.seen = map[int32]int64{}
	if r.from.IsZero() {
		return nil
	}
	return r.client.Tail(ctx, consumer.TailConfig{Topics: []string{r.topic}, From: consumer.From{Time: r.from}, ToEnd: true}, func(rec *models.Record) error {
		r.seen[rec.Partition] = rec.Offset
		if s, ok := parseReport(rec); ok {
			r.ledger(s)
		}
		return nil
	})
}

// follow reads what is written from started on. It starts a little earlier and skips what
// catchUp has read.
func (r *reports) follow(ctx context.Context, started time.Time) error {
	from := consumer.From{}
	if !r.from.IsZero() {
		from.Time = started.Add(-reportsOverlap)
	}
	r.from = started.Add(-reportsOverlap)
	return r.client.Tail(ctx, consumer.TailConfig{Topics: []string{r.topic}, From: from}, func(rec *models.Record) error {
		if last, ok := r.seen[rec.Partition]; ok {
			if rec.Offset <= last && time.Since(started) < reportsOverlap { // a recreated topic starts at 0 again
				return nil
			}
			delete(r.seen, rec.Partition)
		}
		if s, ok := parseReport(rec); ok {
			r.ledger(s)
			r.live(s)
		}
		return nil
	})
}

// parseReport returns the report in a record. An unreadable one is skipped: the next
// report of the process contains its counts too.
func parseReport(r *models.Record) (*models.InstanceStats, bool) {
	var s models.InstanceStats
	if json.Unmarshal(r.Value, &s) != nil {
		return nil, false
	}
	return &s, true
}
