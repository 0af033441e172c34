package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// Rows a statement and rows a transaction. Wide statements save calls into SQLite; a
// transaction is short enough (some ten milliseconds) that an alert does not wait
// long behind the connections that are being written.
const (
	rowsPerStatement   = 64
	rowsPerTransaction = 1024
)

// target is a table as an upsert sees it.
type target struct {
	name    string
	columns []string // the first one is the key
	newer   string   // when the record (excluded) replaces the row
	kept    []string // what an update leaves as it is
}

// inserted is kept by every update.
const inserted = "inserted_at"

var (
	alertTable = target{"alerts", alertColumns,
		"excluded.count > alerts.count OR (excluded.count = alerts.count AND excluded.last_ts >= alerts.last_ts)", []string{inserted}}
	// SQLite writes an index anew for every column that a statement could change. Where a
	// connection began and between whom never changes, unless its roles are swapped: so
	// its states go into the one index of what is open, and not into all.
	connectionTable = target{"connections", connectionColumns,
		"excluded.last_ts > connections.last_ts OR (excluded.last_ts = connections.last_ts AND excluded.phase_rank >= connections.phase_rank)",
		[]string{inserted, "ts", "src_ip", "src_port", "src_key", "dst_ip", "dst_port", "dst_key"}}
	swappedTable = target{"connections", connectionColumns, connectionTable.newer, []string{inserted, "ts"}}
)

// statement is the SQL that upserts n rows.
func (t target) statement(n int) string {
	one := "(" + strings.Repeat("?,", len(t.columns)-1) + "?)"
	set := make([]string, 0, len(t.columns))
	for _, c := range t.columns[1:] {
		if !slices.Contains(t.kept, c) {
			set = append(set, c+"=excluded."+c)
		}
	}
	return "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ",") + ") VALUES " +
		strings.Repeat(one+",", n-1) + one +
		" ON CONFLICT(id) DO UPDATE SET " + strings.Join(set, ",") + " WHERE " + t.newer
}

// upsert has a table's prepared statements: of the full width, and of one row for
// what is left. GORM's own Create builds text and reflects on every row, at a third
// of the speed; the statements run on GORM's connection all the same.
type upsert struct {
	columns   int
	wide, one *sql.Stmt
}

func newUpsert(ctx context.Context, db *sql.DB, t target) (*upsert, error) {
	wide, err := db.PrepareContext(ctx, t.statement(rowsPerStatement))
	if err != nil {
		return nil, err
	}
	one, err := db.PrepareContext(ctx, t.statement(1))
	if err != nil {
		_ = wide.Close()
		return nil, err
	}
	return &upsert{len(t.columns), wide, one}, nil
}

func (u *upsert) close() error { return firstError(u.wide.Close(), u.one.Close()) }

// run writes n rows whose values row appends, in one transaction.
func (u *upsert) run(ctx context.Context, db *sql.DB, n int, row func(v []any, i int) []any) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	wide, one := tx.StmtContext(context.Background(), u.wide), tx.StmtContext(context.Background(), u.one)
	v := make([]any, 0, rowsPerStatement*u.columns)
	for i := 0; i < n; {
		stmt, rows := one, 1
		if n-i >= rowsPerStatement {
			stmt, rows = wide, rowsPerStatement
		}
		for v = v[:0]; rows > 0; rows-- {
			v = row(v, i)
			i++
		}
		if _, err := stmt.ExecContext(context.Background(), v...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// SaveAlerts stores alerts; of records with one id the newer stands. It returns when
// they are in the file. On an error a leading part of them may be stored, and to
// save all of them again is right.
func (s *Store) SaveAlerts(ctx context.Context, alerts []models.Alert) error {
	now := s.stamp()
	return s.save(ctx, s.alert, len(alerts), func(v []any, i int) []any { return appendAlert(v, &alerts[i], now) })
}

// SaveConnections stores connections as SaveAlerts does alerts. The ends of one that is
// stored already stay as they are, unless the record's history says that they were swapped.
func (s *Store) SaveConnections(ctx context.Context, conns []models.Connection) error {
	now := s.stamp()
	var plain, swapped []int
	for i := range conns {
		if rolesSwapped(&conns[i]) {
			swapped = append(swapped, i)
		} else {
			plain = append(plain, i)
		}
	}
	save := func(u *upsert, rows []int) error {
		return s.save(ctx, u, len(rows), func(v []any, i int) []any { return appendConnection(v, &conns[rows[i]], now) })
	}
	if err := save(s.conn, plain); err != nil {
		return err
	}
	return save(s.swapped, swapped)
}

func (s *Store) save(ctx context.Context, u *upsert, n int, row func([]any, int) []any) error {
	for at := 0; at < n; at += rowsPerTransaction {
		part := min(rowsPerTransaction, n-at)
		if err := u.run(ctx, s.sqlW, part, func(v []any, i int) []any { return row(v, at+i) }); err != nil {
			return explain(s.cfg.Path, err)
		}
	}
	return nil
}
