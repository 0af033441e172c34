// Package memory holds the state machines that NetLyra runs, as files.
//
// Each machine is a Markdown page in this directory. The page explains the machine
// to a person, and the one fenced mermaid block in it (a stateDiagram-v2) *is* the
// table that the code runs: it is embedded, parsed once when the process starts and
// laid out as a dense [state][event] table, so that a look-up costs one load and
// allocates nothing. To change what a machine does, change its diagram.
//
// What the parser reads of a diagram:
//
//	[*] --> a              a is the initial state (exactly one)
//	a --> b : event        in state a, event leads to b
//	b --> [*]              b is terminal: it may have no other exit
//	note right of a : timeout 5s …   the time after which event `timeout` is due in a
//
// Lines that start with %% are comments; `direction` lines and other notes are for
// the reader only. Everything else is an error that names file and line.
//
// The Go constants of the states and events of each machine stand beside its page
// (tcp.go beside tcp.md); tests and the start of the process compare both.
// All values are immutable after initialisation and safe for any goroutine.
package memory
