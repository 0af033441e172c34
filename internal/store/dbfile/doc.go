// Package dbfile opens the SQLite file: lock, permissions, connection pools, error
// messages, and GORM with its write conventions turned off.
//
// # Ownership
//
// A DB opened by Open owns the file and its -wal and -shm companions until Close, and
// holds an advisory lock on PATH.lock that keeps other NetLyra processes out. A DB
// opened by OpenReadOnly takes no lock and changes nothing.
//
// # Concurrency
//
// One connection writes; writers queue for it in order of arrival. A few others read,
// each from a snapshot, and never wait for the writer. Every method may be called from
// any goroutine.
//
// The package does not depend on the tables: the schema is applied by the caller's function.
package dbfile
