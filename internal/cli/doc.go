// Package cli is the command line: one file per command with its flags and its output.
// Results go to standard output, everything else to standard error.
//
// Exit codes: 0 success, or a service (up, core, engine, probe, broker) that was stopped
// gracefully; 1 failure; 2 wrong usage or configuration; 130 ended by SIGINT and 143 by
// SIGTERM before it was done, also for a service that could not save everything in time.
// interrupt.go bounds that time.
package cli
