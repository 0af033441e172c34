// Package prior makes the reference of behaviors from a network's own captures: `netlyra prior`.
//
// Build reads captures through decode, connection tracking and one engine pipeline, as offline
// analysis does, in the caller's goroutine. It counts the highest value of every behavior by
// subject and minute in histograms, so that memory does not depend on the length of the captures,
// estimates the values at the levels of the reference, and writes them to a file
// (reference.File). Only event time counts: the same captures give the same file. Nothing is
// written if the build fails or is interrupted.
//
// Rows and Changes compare references; String methods print them as tables.
package prior
