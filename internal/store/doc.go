// Package store keeps alerts, connections, triage and the state of the ledger in one
// SQLite file. Only this package and those below it use GORM and SQLite:
//
//	store           Store, Reader: what the API, the core and the recorder use
//	store/dbfile    the file: lock, connection pools, errors
//	store/schema    tables, migrations, repairs
//	store/row       rows and columns
//	store/query     filters, orders, cursors and pages of lists
//	store/retention deletes by age and size
//	store/recorder  Kafka records to rows
//
// # Ordering and repetition
//
// Rows are written with ON CONFLICT(id) DO UPDATE, and the newer record replaces the row:
// of an alert the one with the higher count, then the later last_ts; of a connection the
// one with the later last_ts, then the later phase. Records that arrive twice, late or out
// of order therefore leave the newest state. Records never change what people set on an
// alert (state, note, history).
//
// A transaction survives a crash of the process. It survives a loss of power only with
// Config.Synchronous "full".
//
// # Concurrency
//
// Every method may be called from any goroutine. Save* return when the rows are in the
// file. Writers queue for the one writing connection; transactions are small, so that an
// alert does not wait for a large batch of connections. Run is called once.
package store
