// Package report writes what an offline analysis found: connections as NDJSON or CSV,
// alerts as NDJSON, scores as CSV, and a Summary of all of it as a table for a person.
// (Zeek's conn.log is written by conntrack/zeeklog.)
//
// It owns its buffers and the totals of a Summary, which are bounded: above the limit, the
// hosts with the fewest bytes are evicted. Connections and scores are written in the order
// of the calls; alerts grow and stay in memory until the end. The same input gives the same
// bytes.
//
// Each value belongs to one goroutine. Only the underlying writers block, which passes
// back-pressure to the caller; Close flushes them and does not close them.
package report
