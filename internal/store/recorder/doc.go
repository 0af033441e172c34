// Package recorder consumes the alerts and connections topics and writes their records
// to the database. It decodes and checks each record, sends unreadable ones to the dead
// letters, and keeps one record per id and batch.
//
// # Back-pressure
//
// Records returns the offset after a batch only when its rows are written. While the
// database cannot be written (full disk, a lock of another program) the recorder keeps
// the batch, reports the error through Deps.Health and retries with back-off. Its caller
// waits; nothing is dropped.
//
// # Concurrency
//
// Records is called for one partition at a time, in offset order; calls for different
// partitions may run concurrently.
package recorder
