// Package cli is the command line: one file for each subcommand, its flags and
// what it prints. Results go to standard output, all else to standard error.
//
// Exit codes: 0 done; 1 it failed; 2 wrong usage or configuration; 130 interrupted.
package cli
