// Package obs is how NetLyra observes itself: logs (slog), Prometheus metrics,
// health, the ledger that accounts for every packet, and the sum of what all
// processes report.
//
// The ledger's rule: each stage counts what came in, what went out and what it
// dropped, by reason; at rest In = Out + the sum of Dropped. Counters may be
// bumped from any goroutine; on the hot path they are bumped once a batch.
//
// Health has one entry a component, kept by whoever owns the component. The
// Aggregator takes the InstanceStats of every process and answers with one Stats; the
// Book takes the same and answers with equations over all stages, which tell what is on
// its way from what is lost. All may be used from any goroutine, hold a mutex only for map work and never
// block on I/O. This package looks at the wall clock: it is about processes, never
// about packets.
package obs
