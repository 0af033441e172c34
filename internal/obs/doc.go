// Package obs is how NetLyra observes itself: logs (slog), Prometheus metrics,
// health, and the ledger that accounts for every packet.
//
// The ledger's rule: each stage counts what came in, what went out and what it
// dropped, by reason; at rest In = Out + the sum of Dropped. Counters may be
// bumped from any goroutine; on the hot path they are bumped once a batch.
package obs
