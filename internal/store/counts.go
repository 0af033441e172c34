package store

import "context"

// Counts is how many rows there are.
type Counts struct{ Alerts, Connections int64 }

// Counts counts the rows.
func (s *Store) Counts(ctx context.Context) (c Counts, err error) {
	err = s.sqlR.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM alerts), (SELECT count(*) FROM connections)").Scan(&c.Alerts, &c.Connections)
	return c, s.queryError(ctx, err)
}
