// Package retention keeps the database within its configured age and size: it expires
// connections that lost their producer, deletes old rows, and returns free pages to the
// disk.
//
// A row's age is the time since it was last written, not its event time: a capture from
// last year that is replayed today is kept from today. Rows with implausible row times
// are never deleted by age but counted; Health, a log line and a metric report them.
//
// Every transaction is small (rowsPerDelete rows), so that writers wait only briefly.
// Run is called once; Retain and Health may be called from any goroutine.
package retention
