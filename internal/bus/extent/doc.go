// Package extent determines how far a partition can be read, and whether a consumer has
// reached that point. No other package compares a position with an end offset.
//
// Offsets are not dense. Commit and abort markers of transactions have offsets, records of
// aborted transactions keep theirs, compaction and DeleteRecords leave gaps. A consumer
// receives no record for these, so its position can stay below the end although nothing
// is left to read, and a difference of offsets is an upper bound of the number of records.
// Only the leader of the partition can tell whether records remain: Next asks it.
//
// Consumers read committed: they receive nothing at or after the last stable offset, which
// is the first offset of the oldest open transaction. A bounded read ends there; a reader
// that needs all existing records waits for the high watermark. Watch reports which
// transactions hold consumers back.
//
// Span and Step are values; a Reading and a Watch are for one goroutine at a time. Next and
// List may be called from any goroutine.
package extent
