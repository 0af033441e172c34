package retention

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/row"
)

// rowsPerDelete limits a transaction that deletes.
const rowsPerDelete = 1000

// vacuumPages is how many free pages are returned to the disk in one step.
const vacuumPages = 1000

// Config limits what is kept.
type Config struct {
	MaxAge           time.Duration // of alerts; 0: unlimited
	ConnectionMaxAge time.Duration // of connections; 0: unlimited
	MaxBytes         int64         // of the file without free pages; 0: unlimited
	Every            time.Duration // interval of Run's rounds
	StaleAfter       time.Duration // after which a connection without records is expired; 0: never
}

// Retention applies a Config to a database.
type Retention struct {
	cfg  Config
	db   *dbfile.DB
	log  *slog.Logger
	now  func() time.Time
	last atomic.Pointer[implausible] // result of the last round
}

// New returns the retention of db. now is the wall clock.
func New(db *dbfile.DB, cfg Config, log *slog.Logger, now func() time.Time) *Retention {
	return &Retention{cfg: cfg, db: db, log: log, now: now}
}

// Deleted is what one round of retention did.
type Deleted struct {
	Alerts, Connections int64 // rows deleted
	Expired             int64 // connections expired
}

// Run calls Retain every Config.Every until ctx ends. A failed round is logged; the next
// one retries.
func (r *Retention) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.Every)
	defer tick.Stop()
	for {
		d, err := r.Retain(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			r.log.Warn("retention failed; the next round retries", vocabulary.EventRetentionFailed.Attr(), "error", err)
		case d != Deleted{}:
			r.log.Info("retention done", vocabulary.EventRetention.Attr(),
				"alerts_deleted", d.Alerts, "connections_deleted", d.Connections, "connections_expired", d.Expired)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Retain does one round of retention. It deletes no row by age whose row time is
// implausible, and none at all while the clock itself is. The size limit uses the order
// of insertion instead of times, and applies to all rows.
func (r *Retention) Retain(ctx context.Context) (d Deleted, err error) {
	d, found, err := r.byAge(ctx, models.TimestampOf(r.now()))
	if err == nil {
		r.report(found)
	}
	if err == nil && r.cfg.MaxBytes > 0 {
		err = r.shrink(ctx, &d)
	}
	if err == nil {
		err = r.vacuum(ctx)
	}
	return d, r.db.Explain(err)
}

// byAge does everything that depends on the present time.
func (r *Retention) byAge(ctx context.Context, now models.Timestamp) (d Deleted, found implausible, err error) {
	if found.clock = now < row.PlausibleFrom; !found.clock {
		if d.Expired, err = r.expireStale(ctx, now); err != nil {
			return d, found, err
		}
	}
	for _, t := range []struct {
		name    string
		age     time.Duration
		deleted *int64
		skipped *int64
	}{{"alerts", r.cfg.MaxAge, &d.Alerts, &found.alerts}, {"connections", r.cfg.ConnectionMaxAge, &d.Connections, &found.connections}} {
		var ahead int64
		if t.age > 0 && !found.clock {
			if *t.deleted, ahead, err = r.deleteOld(ctx, t.name, now, t.age); err != nil {
				return d, found, err
			}
		}
		if *t.skipped, err = r.tooEarly(ctx, t.name); err != nil {
			return d, found, err
		}
		*t.skipped += ahead
	}
	return d, found, nil
}

// expireStale expires connections that no record has updated for StaleAfter, and those
// with a row time in the future.
func (r *Retention) expireStale(ctx context.Context, now models.Timestamp) (total int64, err error) {
	if r.cfg.StaleAfter == 0 {
		return 0, nil
	}
	before, horizon := row.Earlier(now, r.cfg.StaleAfter), row.Earlier(now, -row.MaxAhead)
	for {
		n, err := r.exec(ctx, fmt.Sprintf(`UPDATE connections SET phase = 'expired', phase_rank = %d, open = 0 WHERE seq IN
			(SELECT seq FROM connections WHERE open = 1 AND (updated_at < ? OR updated_at > ?) LIMIT %d)`, row.PhaseRank("expired"), rowsPerDelete), before, horizon)
		total += n
		if err != nil || n < rowsPerDelete {
			return total, err
		}
	}
}

// deleteOld deletes rows that were last written before now minus age, and counts the rows
// it read with a row time too far in the future. It reads rows in order of insertion, in
// chunks, up to the first chunk with a row that was inserted too recently to be old, so
// that a round without work reads one chunk. Implausible insertion times are ignored, or
// one of them would end every round there.
func (r *Retention) deleteOld(ctx context.Context, table string, now models.Timestamp, age time.Duration) (deleted, ahead int64, err error) {
	before, horizon := row.Earlier(now, age), row.Earlier(now, -row.MaxAhead)
	chunk := fmt.Sprintf(`SELECT max(seq), max(CASE WHEN inserted_at BETWEEN ? AND ? THEN inserted_at END), count(CASE WHEN updated_at > ? THEN 1 END)
		FROM (SELECT seq, inserted_at, updated_at FROM %s WHERE seq > ? ORDER BY seq LIMIT %d)`, table, rowsPerDelete)
	for from := int64(0); ; {
		var last *int64
		var newest sql.Null[models.Timestamp]
		var n int64
		err := r.db.ReadSQL.QueryRowContext(ctx, chunk, row.PlausibleFrom, horizon, horizon, from).Scan(&last, &newest, &n)
		if err != nil || last == nil {
			return deleted, ahead, err
		}
		ahead += n
		n, err = r.exec(ctx, "DELETE FROM "+table+" WHERE seq > ? AND seq <= ? AND updated_at >= ? AND updated_at < ?", from, *last, row.PlausibleFrom, before)
		deleted += n
		if err != nil || newest.V >= before {
			return deleted, ahead, err
		}
		from = *last
	}
}

// shrink deletes the oldest rows until the rest fits into MaxBytes: closed connections,
// then open ones, then alerts.
func (r *Retention) shrink(ctx context.Context, d *Deleted) error {
	oldest := []struct {
		count *int64
		sql   string
	}{
		{&d.Connections, "DELETE FROM connections WHERE seq IN (SELECT seq FROM connections WHERE open = 0 ORDER BY seq LIMIT %d)"},
		{&d.Connections, "DELETE FROM connections WHERE seq IN (SELECT seq FROM connections ORDER BY seq LIMIT %d)"},
		{&d.Alerts, "DELETE FROM alerts WHERE seq IN (SELECT seq FROM alerts ORDER BY seq LIMIT %d)"},
	}
	for i := 0; i < len(oldest); {
		used, err := r.usedBytes(ctx)
		if err != nil || used <= r.cfg.MaxBytes {
			return err
		}
		n, err := r.exec(ctx, fmt.Sprintf(oldest[i].sql, rowsPerDelete))
		if err != nil {
			return err
		}
		if *oldest[i].count += n; n == 0 {
			i++
		}
	}
	return nil
}

// usedBytes returns the size of the file without its free pages.
func (r *Retention) usedBytes(ctx context.Context) (int64, error) {
	var pages, free, size int64
	err := r.db.WriteSQL.QueryRowContext(ctx, "SELECT page_count, freelist_count, page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size").Scan(&pages, &free, &size)
	return (pages - free) * size, err
}

// vacuum returns free pages to the disk, in small steps so that writers wait only briefly.
func (r *Retention) vacuum(ctx context.Context) error {
	for {
		var before, after int64
		const free = "SELECT freelist_count FROM pragma_freelist_count"
		if err := r.db.WriteSQL.QueryRowContext(ctx, free).Scan(&before); err != nil || before < vacuumPages {
			return err
		}
		// The pragma frees one page per row of its result, so the result is read to the end.
		rows, err := r.db.WriteSQL.QueryContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", vacuumPages))
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		if err := cmp.Or(rows.Err(), rows.Close()); err != nil {
			return err
		}
		if err := r.db.WriteSQL.QueryRowContext(ctx, free).Scan(&after); err != nil || after >= before {
			return err
		}
	}
}

func (r *Retention) exec(ctx context.Context, q string, args ...any) (int64, error) {
	res, err := r.db.WriteSQL.ExecContext(ctx, q, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
