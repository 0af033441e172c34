package store

import (
	"context"
	"database/sql"
	"errors"
)

// SaveLedger keeps the state of the ledger in place of the one before.
func (s *Store) SaveLedger(ctx context.Context, state []byte) error {
	_, err := s.sqlW.ExecContext(ctx, "INSERT INTO ledger (id, state) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state", state)
	return explain(s.cfg.Path, err)
}

// Ledger is the state that was saved last, nil where there is none.
func (s *Store) Ledger(ctx context.Context) (state []byte, err error) {
	err = s.sqlR.QueryRowContext(ctx, "SELECT state FROM ledger WHERE id = 1").Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return state, explain(s.cfg.Path, err)
}
