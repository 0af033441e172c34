package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// rowsPerDelete bounds a transaction that deletes, as rowsPerTransaction does writes.
const rowsPerDelete = 1000

// vacuumPages is how many free pages are handed back to the disk in one step.
const vacuumPages = 1000

// Deleted says what one round of retention took away.
type Deleted struct {
	Alerts, Connections int64 // rows
	Expired             int64 // connections marked as lost by their producer
}

// Run keeps the file within the configured age and size until ctx ends. What a round
// cannot do is logged, and done by a later one.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(s.cfg.Every)
	defer tick.Stop()
	for {
		d, err := s.Retain(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.log.Warn("retention could not finish", "error", err)
		case d != Deleted{}:
			s.log.Info("retention", "alerts_deleted", d.Alerts, "connections_deleted", d.Connections, "connections_expired", d.Expired)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Retain does one round of retention. Rows whose time is not plausible are not deleted
// for their age, but counted (RowTimes): such a time says nothing of the age. While the
// clock itself is not plausible nothing is deleted for its age. The limit of the size goes
// by the order of insertion and not by times, and holds for all rows.
func (s *Store) Retain(ctx context.Context) (d Deleted, err error) {
	d, found, err := s.byAge(ctx, s.stamp())
	if err == nil {
		s.noteRowTimes(found)
	}
	if err == nil && s.cfg.MaxBytes > 0 {
		err = s.shrink(ctx, &d)
	}
	if err == nil {
		err = s.vacuum(ctx)
	}
	return d, explain(s.cfg.Path, err)
}

// byAge does what depends on the time now.
func (s *Store) byAge(ctx context.Context, now models.Timestamp) (d Deleted, found implausible, err error) {
	if found.clock = now < plausibleFrom; !found.clock {
		if d.Expired, err = s.expireStale(ctx, now); err != nil {
			return d, found, err
		}
	}
	for _, t := range []struct {
		name    string
		age     time.Duration
		deleted *int64
		odd     *int64
	}{{"alerts", s.cfg.MaxAge, &d.Alerts, &found.alerts}, {"connections", s.cfg.ConnectionMaxAge, &d.Connections, &found.connections}} {
		var ahead int64
		if t.age > 0 && !found.clock {
			if *t.deleted, ahead, err = s.deleteOld(ctx, t.name, now, t.age); err != nil {
				return d, found, err
			}
		}
		if *t.odd, err = s.tooEarly(ctx, t.name); err != nil {
			return d, found, err
		}
		*t.odd += ahead
	}
	return d, found, nil
}

// expireStale marks connections that no record has touched for StaleAfter. A time in the
// future is no sign of life.
func (s *Store) expireStale(ctx context.Context, now models.Timestamp) (total int64, err error) {
	if s.cfg.StaleAfter == 0 {
		return 0, nil
	}
	before, horizon := earlier(now, s.cfg.StaleAfter), earlier(now, -maxAhead)
	for {
		n, err := s.exec(ctx, fmt.Sprintf(`UPDATE connections SET phase = 'expired', phase_rank = %d, open = 0 WHERE seq IN
			(SELECT seq FROM connections WHERE open = 1 AND (updated_at < ? OR updated_at > ?) LIMIT %d)`, phaseRank("expired"), rowsPerDelete), before, horizon)
		total += n
		if err != nil || n < rowsPerDelete {
			return total, err
		}
	}
}

// deleteOld deletes rows that were last written longer ago than age, and counts those
// that it met with a time too far in the future. Rows are looked at in the order of their
// insertion, and not beyond the first piece that was inserted too late to be old: a round
// without work reads one piece. Times of insertion that are not plausible do not count,
// or a single one would end every round there.
func (s *Store) deleteOld(ctx context.Context, table string, now models.Timestamp, age time.Duration) (deleted, ahead int64, err error) {
	before, horizon := earlier(now, age), earlier(now, -maxAhead)
	look := fmt.Sprintf(`SELECT max(seq), max(CASE WHEN inserted_at BETWEEN ? AND ? THEN inserted_at END), count(CASE WHEN updated_at > ? THEN 1 END)
		FROM (SELECT seq, inserted_at, updated_at FROM %s WHERE seq > ? ORDER BY seq LIMIT %d)`, table, rowsPerDelete)
	for from := int64(0); ; {
		var last *int64
		var young sql.Null[models.Timestamp]
		var n int64
		err := s.sqlR.QueryRowContext(ctx, look, plausibleFrom, horizon, horizon, from).Scan(&last, &young, &n)
		if err != nil || last == nil {
			return deleted, ahead, err
		}
		ahead += n
		n, err = s.exec(ctx, "DELETE FROM "+table+" WHERE seq > ? AND seq <= ? AND updated_at >= ? AND updated_at < ?", from, *last, plausibleFrom, before)
		deleted += n
		if err != nil || young.V >= before {
			return deleted, ahead, err
		}
		from = *last
	}
}

// shrink deletes the oldest rows until the rest fits into MaxBytes: connections first,
// closed before living ones, then alerts.
func (s *Store) shrink(ctx context.Context, d *Deleted) error {
	oldest := []struct {
		count *int64
		sql   string
	}{
		{&d.Connections, "DELETE FROM connections WHERE seq IN (SELECT seq FROM connections WHERE open = 0 ORDER BY seq LIMIT %d)"},
		{&d.Connections, "DELETE FROM connections WHERE seq IN (SELECT seq FROM connections ORDER BY seq LIMIT %d)"},
		{&d.Alerts, "DELETE FROM alerts WHERE seq IN (SELECT seq FROM alerts ORDER BY seq LIMIT %d)"},
	}
	for i := 0; i < len(oldest); {
		used, err := s.usedBytes(ctx)
		if err != nil || used <= s.cfg.MaxBytes {
			return err
		}
		n, err := s.exec(ctx, fmt.Sprintf(oldest[i].sql, rowsPerDelete))
		if err != nil {
			return err
		}
		if *oldest[i].count += n; n == 0 {
			i++
		}
	}
	return nil
}

// usedBytes is the size of the file without its free pages.
func (s *Store) usedBytes(ctx context.Context) (int64, error) {
	var pages, free, size int64
	err := s.sqlW.QueryRowContext(ctx, "SELECT page_count, freelist_count, page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size").Scan(&pages, &free, &size)
	return (pages - free) * size, err
}

// vacuum hands free pages back to the disk, a piece at a time so that writers get in.
func (s *Store) vacuum(ctx context.Context) error {
	for {
		var before, after int64
		const free = "SELECT freelist_count FROM pragma_freelist_count"
		if err := s.sqlW.QueryRowContext(ctx, free).Scan(&before); err != nil || before < vacuumPages {
			return err
		}
		// The pragma frees a page at each step, so it is read to its end.
		rows, err := s.sqlW.QueryContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", vacuumPages))
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		if err := firstError(rows.Err(), rows.Close()); err != nil {
			return err
		}
		if err := s.sqlW.QueryRowContext(ctx, free).Scan(&after); err != nil || after >= before {
			return err
		}
	}
}

func (s *Store) exec(ctx context.Context, q string, args ...any) (int64, error) {
	res, err := s.sqlW.ExecContext(ctx, q, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
