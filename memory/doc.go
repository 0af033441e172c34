// Package memory contains the state machines that NetLyra runs, as Markdown files.
//
// Each machine is a page in this directory. The page documents the machine, and its
// fenced mermaid block (a stateDiagram-v2) is the table that the code runs: it is embedded,
// parsed once at start and compiled into a dense [state][event] table, so that a lookup
// costs one load and no allocation. To change a machine, change its diagram.
//
// The parser reads these lines of a diagram:
//
//	[*] --> a              a is the initial state (exactly one)
//	a --> b : event        in state a, event leads to b
//	b --> [*]              b is terminal and has no other exit
//	note right of a : timeout 5s …   event `timeout` occurs after that time in a
//
// Lines that start with %% are comments; `direction` lines and other notes are
// ignored. Everything else is an error with file and line.
//
// names.go has Go constants for the states and events of each machine; tests and the start
// of the process compare them with the diagrams.
// All values are immutable after initialization and safe for concurrent use.
package memory
