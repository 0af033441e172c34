// Package obs is how a process observes itself: logs (slog), Prometheus metrics, health,
// counts of its stages, findings of checks, and its use of the machine.
//
// Each stage counts what came in, what it passed on and what it dropped, by reason; at
// rest In = Out + the sum of Dropped. Counters may be incremented from any goroutine; the
// hot path does so once a batch. Package ledger checks these counts over all processes.
//
// Health has one state per component, set by the component's owner: nil, or an error that
// is one condition or several (Info, Degraded, Failed, Join). Identifiers of conditions,
// stages and drop reasons are in package vocabulary.
//
// Everything may be used from any goroutine, holds a mutex for map work only and never
// blocks on I/O. This package reads the wall clock: it is about processes, not packets.
package obs
