package store

import "context"

// Counts is the number of rows.
type Counts struct{ Alerts, Connections int64 }

// Counts returns the number of rows. It reads an index of each table.
func (s *Store) Counts(ctx context.Context) (c Counts, err error) {
	err = s.db.ReadSQL.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM alerts), (SELECT count(*) FROM connections)").Scan(&c.Alerts, &c.Connections)
	return c, s.db.QueryError(ctx, err)
}
