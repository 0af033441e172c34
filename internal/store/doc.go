// Package store keeps alerts and connections in one SQLite file, and is the only
// package that knows GORM.
//
// # What it owns
//
// The database file with its -wal and -shm companions. One connection writes (all
// writers queue for it, first come first served, in transactions of bounded size,
// so that an alert never waits for a long batch of connections); a few others read,
// each from a snapshot, and never wait for the writer.
//
// # Ordering and repetition
//
// Rows are written with ON CONFLICT(id) DO UPDATE, and the newer record wins: of an
// alert the one with the higher count, then the later last_ts; of a connection the
// one with the later last_ts, then the later phase. What is delivered twice, late or
// out of order is stored once and never undoes what is newer. What people said of an
// alert (state, note, history) is not touched by records.
//
// A transaction is durable against the death of the process; against the loss of
// power only with Config.Synchronous "full".
//
// # Back-pressure
//
// Save* return when the rows are in the file. The Recorder hands out a safe offset
// only after that, and while the file cannot be written (full disk, a lock held by
// another program) it holds on to the batch, says so through its health callback and
// tries again with back-off: its caller waits, nothing is dropped.
//
// # Goroutines
//
// Every method of Store may be called from any goroutine. Recorder.Records must be
// called for one partition at a time in offset order, for several partitions at once
// as wanted. Run is called once.
package store
