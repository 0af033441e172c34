package store

import (
	"context"
	"fmt"
	"time"
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

// Retain does one round of retention.
func (s *Store) Retain(ctx context.Context) (d Deleted, err error) {
	if d.Expired, err = s.expireStale(ctx); err != nil {
		return d, explain(s.cfg.Path, err)
	}
	if d.Alerts, err = s.deleteOld(ctx, "alerts", s.cfg.MaxAge); err != nil {
		return d, explain(s.cfg.Path, err)
	}
	if d.Connections, err = s.deleteOld(ctx, "connections", s.cfg.ConnectionMaxAge); err != nil {
		return d, explain(s.cfg.Path, err)
	}
	if s.cfg.MaxBytes > 0 {
		if err := s.shrink(ctx, &d); err != nil {
			return d, explain(s.cfg.Path, err)
		}
	}
	return d, explain(s.cfg.Path, s.vacuum(ctx))
}

// expireStale marks connections that no record has touched for StaleAfter.
func (s *Store) expireStale(ctx context.Context) (total int64, err error) {
	if s.cfg.StaleAfter == 0 {
		return 0, nil
	}
	before := s.now().Add(-s.cfg.StaleAfter).UnixNano()
	for {
		n, err := s.exec(ctx, fmt.Sprintf(`UPDATE connections SET phase = 'expired', phase_rank = %d, open = 0 WHERE seq IN
			(SELECT seq FROM connections WHERE open = 1 AND updated_at < ? LIMIT %d)`, phaseRank("expired"), rowsPerDelete), before)
		total += n
		if err != nil || n < rowsPerDelete {
			return total, err
		}
	}
}

// deleteOld deletes rows that were last written longer ago than age. Rows are looked at in
// the order of their insertion, and not beyond the first piece that was inserted too
// late to be old: a round without work reads one piece.
func (s *Store) deleteOld(ctx context.Context, table string, age time.Duration) (total int64, err error) {
	if age == 0 {
		return 0, nil
	}
	before := s.now().Add(-age).UnixNano()
	for from := int64(0); ; {
		var last, young *int64
		err := s.sqlR.QueryRowContext(ctx, fmt.Sprintf(`SELECT max(seq), max(inserted_at) FROM
			(SELECT seq, inserted_at FROM %s WHERE seq > ? ORDER BY seq LIMIT %d)`, table, rowsPerDelete), from).Scan(&last, &young)
		if err != nil || last == nil {
			return total, err
		}
		n, err := s.exec(ctx, "DELETE FROM "+table+" WHERE seq > ? AND seq <= ? AND updated_at < ?", from, *last, before)
		total += n
		if err != nil || *young >= before {
			return total, err
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
