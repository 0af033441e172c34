package store

import (
	"context"
	"database/sql"
	"errors"
)

// SaveLedger replaces the stored state of the ledger.
func (s *Store) SaveLedger(ctx context.Context, state []byte) error {
	_, err := s.db.WriteSQL.ExecContext(ctx, "INSERT INTO ledger (id, state) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state", state)
	return s.db.Explain(err)
}

// Ledger returns the state that SaveLedger stored last, or nil.
func (s *Store) Ledger(ctx context.Context) (state []byte, err error) {
	err = s.db.ReadSQL.QueryRowContext(ctx, "SELECT state FROM ledger WHERE id = 1").Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return state, s.db.Explain(err)
}
