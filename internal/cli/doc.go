// Package cli is the command line: one file for each subcommand, its flags and
// what it prints. Results go to standard output, all else to standard error.
//
// Exit codes: 0 done, or a service (up, core, engine, probe, broker) that was stopped in
// good order; 1 it failed; 2 wrong usage or configuration; 130 ended by SIGINT and 143 by
// SIGTERM before it was done, which is also the code of a service that could not finish
// what it had to save. See interrupt.go for how long that may take.
package cli
