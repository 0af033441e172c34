package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// applicationID marks a file as NetLyra's (PRAGMA application_id): "NLyr".
const applicationID = 0x4e4c7972

// migrations are the steps to the present schema. Step n leads from user_version n
// to n+1; a step that has been released is never changed, only followed by another.
//
// There are few indexes, because each costs on every write: a column with few values
// (severity, state, phase) gets none of its own, but rides in the index of the time,
// where filtering and counting need not touch the wide rows.
var migrations = [][]string{
	{
		`CREATE TABLE alerts (
			seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
			ts INTEGER NOT NULL, last_ts INTEGER NOT NULL,
			src_ip TEXT NOT NULL, dst_ip TEXT NOT NULL, src_port INTEGER NOT NULL, dst_port INTEGER NOT NULL, proto TEXT NOT NULL,
			score REAL NOT NULL, threshold REAL NOT NULL, severity TEXT NOT NULL, count INTEGER NOT NULL,
			kind TEXT NOT NULL, technique TEXT NOT NULL, scale TEXT NOT NULL, summary TEXT NOT NULL, conn TEXT NOT NULL,
			severity_rank INTEGER NOT NULL, src_key BLOB NOT NULL, dst_key BLOB NOT NULL,
			inserted_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
			state TEXT NOT NULL DEFAULT 'new', note TEXT NOT NULL DEFAULT '',
			features TEXT NOT NULL, reasons TEXT NOT NULL, model TEXT NOT NULL)`,
		`CREATE INDEX alerts_ts ON alerts (ts, severity_rank, state, score, kind, proto, src_port, dst_port)`,
		`CREATE INDEX alerts_last ON alerts (last_ts)`,
		`CREATE INDEX alerts_src ON alerts (src_key)`,
		`CREATE INDEX alerts_dst ON alerts (dst_key)`,
		`CREATE TABLE alert_triage (
			id INTEGER PRIMARY KEY, alert_seq INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
			at INTEGER NOT NULL, from_state TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, author TEXT NOT NULL)`,
		`CREATE INDEX alert_triage_alert ON alert_triage (alert_seq)`,
		`CREATE TABLE connections (
			seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
			ts INTEGER NOT NULL, last_ts INTEGER NOT NULL,
			src_ip TEXT NOT NULL, src_port INTEGER NOT NULL, dst_ip TEXT NOT NULL, dst_port INTEGER NOT NULL, proto TEXT NOT NULL,
			state TEXT NOT NULL, phase TEXT NOT NULL, history TEXT NOT NULL, service TEXT NOT NULL,
			orig_packets INTEGER NOT NULL, orig_bytes INTEGER NOT NULL, orig_ip_bytes INTEGER NOT NULL,
			resp_packets INTEGER NOT NULL, resp_bytes INTEGER NOT NULL, resp_ip_bytes INTEGER NOT NULL,
			missed_bytes INTEGER NOT NULL, duration REAL NOT NULL,
			tunnel TEXT NOT NULL, parent TEXT NOT NULL, vlan INTEGER NOT NULL, inner_vlan INTEGER NOT NULL,
			community_id TEXT NOT NULL, server_name TEXT NOT NULL, ja4 TEXT NOT NULL,
			phase_rank INTEGER NOT NULL, open INTEGER NOT NULL, src_key BLOB NOT NULL, dst_key BLOB NOT NULL,
			inserted_at INTEGER NOT NULL, updated_at INTEGER NOT NULL)`,
		`CREATE INDEX connections_open ON connections (open, last_ts)`,
		`CREATE INDEX connections_ts ON connections (ts)`,
		`CREATE INDEX connections_src ON connections (src_key)`,
		`CREATE INDEX connections_dst ON connections (dst_key)`,
	},
	{
		`ALTER TABLE alerts ADD COLUMN counterfactual TEXT NOT NULL DEFAULT 'null'`,
	},
	{
		`CREATE TABLE ledger (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL)`,
	},
	{
		// The number is plausibleFrom. These indexes are empty in a database that is well, and
		// cost a comparison for each row that is written.
		`CREATE INDEX alerts_implausible ON alerts (updated_at) WHERE updated_at < 1577836800000000000`,
		`CREATE INDEX connections_implausible ON connections (updated_at) WHERE updated_at < 1577836800000000000`,
	},
}

// repairs are what a step does to rows after its statements, by the version that it
// leads from.
var repairs = map[int]func(s *Store, tx *gorm.DB) error{3: (*Store).repairRowTimes}

// schemaVersion is the version that this program writes.
func schemaVersion() int { return len(migrations) }

// migrate brings the file to the present schema, each step in a transaction.
func (s *Store) migrate(ctx context.Context) error {
	for {
		done := false
		err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
			done, err = s.step(tx)
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

// step takes the file one version further, or reports that there is nothing to do.
func (s *Store) step(tx *gorm.DB) (done bool, err error) {
	path := s.cfg.Path
	var version, owner, tables int
	err = firstError(
		tx.Raw("PRAGMA user_version").Scan(&version).Error,
		tx.Raw("PRAGMA application_id").Scan(&owner).Error,
		tx.Raw("SELECT count(*) FROM sqlite_master").Scan(&tables).Error)
	if err == nil {
		err = checkVersion(path, version, owner, tables)
	}
	if err != nil || version == schemaVersion() {
		return err == nil, err
	}
	for _, stmt := range migrations[version] {
		if err := tx.Exec(stmt).Error; err != nil {
			return false, fmt.Errorf("migrate %s to schema version %d: %w", path, version+1, err)
		}
	}
	if repair := repairs[version]; repair != nil {
		if err := repair(s, tx); err != nil {
			return false, fmt.Errorf("migrate %s to schema version %d: %w", path, version+1, err)
		}
	}
	return false, firstError(
		tx.Exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)).Error,
		tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version+1)).Error)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
