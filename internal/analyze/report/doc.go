// Package report writes what an offline analysis found: connections as NDJSON or CSV,
// alerts as NDJSON, scores as CSV, and a Summary of all of it as a table for a person.
// (Zeek's conn.log is written by conntrack/zeeklog.)
//
// It owns its buffers and the sums of a Summary, which are bounded: hosts beyond the
// limit are forgotten, those with the fewest bytes first. Connections and scores are
// written as they come, in the order in which they come; alerts grow and are held until
// the end. The same input gives the same bytes.
//
// Each value belongs to one goroutine. Nothing blocks but the underlying writers,
// which is how back-pressure passes through; Close flushes and does not close them.
package report
