package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/store/row"
)

// Rows per statement and per transaction. Wide statements save calls into SQLite. A
// transaction takes some ten milliseconds, so that an alert does not wait long for a
// batch of connections.
const (
	rowsPerStatement   = 64
	rowsPerTransaction = 1024
)

// target is what an upsert writes to.
type target struct {
	name    string
	columns []string // the first is the key
	newer   string   // condition for the record (excluded) to replace the row
	kept    []string // columns that an update does not change
}

// inserted is the column that no update changes.
const inserted = "inserted_at"

var (
	alertTable = target{"alerts", row.AlertColumns,
		"excluded.count > alerts.count OR (excluded.count = alerts.count AND excluded.last_ts >= alerts.last_ts)", []string{inserted}}
	// SQLite rewrites an index if the statement names one of its columns. The start and
	// the endpoints of a connection change only when its roles are swapped, so all other
	// updates leave them out and rewrite only the index of open connections.
	connectionTable = target{"connections", row.ConnectionColumns,
		"excluded.last_ts > connections.last_ts OR (excluded.last_ts = connections.last_ts AND excluded.phase_rank >= connections.phase_rank)",
		[]string{inserted, "ts", "src_ip", "src_port", "src_key", "dst_ip", "dst_port", "dst_key"}}
	swappedTable = target{"connections", row.ConnectionColumns, connectionTable.newer, []string{inserted, "ts"}}
)

// statement returns the SQL that upserts n rows.
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

// upsert holds the prepared statements of a table: one for rowsPerStatement rows, and one
// for a single row. GORM's Create builds the SQL and uses reflection for every row, at a
// third of the speed.
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

func (u *upsert) close() error { return cmp.Or(u.wide.Close(), u.one.Close()) }

// run writes n rows in one transaction; values appends the values of row i to v.
func (u *upsert) run(ctx context.Context, db *sql.DB, n int, values func(v []any, i int) []any) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // no effect after Commit
	wide, one := tx.StmtContext(context.Background(), u.wide), tx.StmtContext(context.Background(), u.one)
	v := make([]any, 0, rowsPerStatement*u.columns)
	for i := 0; i < n; {
		stmt, rows := one, 1
		if n-i >= rowsPerStatement {
			stmt, rows = wide, rowsPerStatement
		}
		for v = v[:0]; rows > 0; rows-- {
			v = values(v, i)
			i++
		}
		if _, err := stmt.ExecContext(context.Background(), v...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// SaveAlerts writes alerts and returns when they are in the file. Of two records with one
// id the newer one is kept. After an error some of the alerts may have been written; the
// caller retries with all of them.
func (s *Store) SaveAlerts(ctx context.Context, alerts []models.Alert) error {
	now := s.stamp()
	return s.save(ctx, s.alert, len(alerts), func(v []any, i int) []any { return row.AppendAlert(v, &alerts[i], now) })
}

// SaveConnections writes connections as SaveAlerts does alerts. The endpoints of an
// existing connection do not change, unless the record's history shows that its roles
// were swapped.
func (s *Store) SaveConnections(ctx context.Context, conns []models.Connection) error {
	now := s.stamp()
	var plain, swapped []int
	for i := range conns {
		if row.RolesSwapped(&conns[i]) {
			swapped = append(swapped, i)
		} else {
			plain = append(plain, i)
		}
	}
	save := func(u *upsert, rows []int) error {
		return s.save(ctx, u, len(rows), func(v []any, i int) []any { return row.AppendConnection(v, &conns[rows[i]], now) })
	}
	if err := save(s.conn, plain); err != nil {
		return err
	}
	return save(s.swapped, swapped)
}

func (s *Store) save(ctx context.Context, u *upsert, n int, values func([]any, int) []any) error {
	for at := 0; at < n; at += rowsPerTransaction {
		part := min(rowsPerTransaction, n-at)
		if err := u.run(ctx, s.db.WriteSQL, part, func(v []any, i int) []any { return values(v, at+i) }); err != nil {
			return s.db.Explain(err)
		}
	}
	return nil
}
