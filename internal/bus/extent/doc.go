// Package extent answers how far a partition can be read, and whether a reader has
// reached that point. Package bus uses it wherever an end of a log matters; nothing
// else in NetLyra compares a position with an end offset.
//
// Offsets are not dense. The commit or abort marker of a transaction takes an offset,
// the records of an aborted transaction keep theirs, compaction and DeleteRecords leave
// holes. A consumer is given no record for any of these, so a position can stay below
// the end although nothing is left to read, and a difference of offsets is an upper
// bound of a number of records. Whether anything is left is known to the leader of the
// partition only: Next asks it.
//
// Consumers read committed: they get nothing at or behind the last stable offset, which
// is the first offset of the oldest transaction that has not ended. Behind an open
// transaction nothing can be read, whoever wrote it. A bounded read ends at the last
// stable offset; who waits for records that it knows to be there waits for the high
// watermark. Watch tells which transactions hold readers back.
//
// Owns nothing. Span, Step and their functions are values; a Reading and a Watch belong
// to one goroutine at a time. Next and List may be called from any goroutine.
package extent
