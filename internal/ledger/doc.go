// Package ledger accounts for every packet over all processes. It takes the
// InstanceStats that each process publishes ten times a second.
//
// An Aggregator sums them into one Stats: counts, rates, lag and lanes, for the API and
// the dashboard. A Book keeps the counts of every process for as long as the ledger
// exists and checks equations over all stages, which distinguish what is in flight from what
// is lost. Book.State and Book.Restore keep it over a restart of the process that owns it.
//
// The core is the only user; both may be called from any goroutine, hold a mutex for map
// work only and never block on I/O. This package reads the wall clock: it is about
// processes, not about packets.
package ledger
