package schema

// migrations are the steps to the present schema. Step n leads from user_version n to
// n+1. A released step is never changed; a correction is another step.
//
// There are few indexes, because each one slows every write. A column with few values
// (severity, state, phase) has no separate index but is part of the index of the time,
// so that filtering and counting do not read the wide rows.
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
		// The number is row.PlausibleFrom. These indexes are empty in a healthy database and
		// cost one comparison for each row that is written.
		`CREATE INDEX alerts_implausible ON alerts (updated_at) WHERE updated_at < 1577836800000000000`,
		`CREATE INDEX connections_implausible ON connections (updated_at) WHERE updated_at < 1577836800000000000`,
	},
	{
		`ALTER TABLE alerts ADD COLUMN evidence TEXT NOT NULL DEFAULT 'null'`,
		`ALTER TABLE alerts ADD COLUMN recurrence TEXT NOT NULL DEFAULT 'null'`,
	},
}
