// Package row maps alerts, connections and triage entries to rows: the structs that
// GORM reads, the columns and values that are written, ranks by which rows are ordered,
// and which of two records with one id is the newer.
//
// It holds no state and does no I/O; everything may be used from any goroutine.
package row
