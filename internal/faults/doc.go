// Package faults proves NetLyra's word under faults. It is a small library that runs
// the program as processes, as operators do, and breaks things around them; its tests
// are the fault matrix of docs/guarantees.md, one for each line of it.
//
// The library: Process is a running netlyra that can be killed, stopped and watched;
// Rig is a whole NetLyra of a broker, a core and engines with its own directory; Proxy
// is a network between a process and the broker that can be slow, silent, cut or half
// closed; Disk is a file system of a limited size; Reference is what the offline
// analysis says of the same capture, and Rig.Check holds the database, the counts and
// the memory against it.
//
// It knows NetLyra from outside only: the command line, the topics, the REST API, the
// rows of the database, and /proc. Nothing but tests imports it, and only what a person
// with a shell could do is done. A test binary is the program itself (see Main), so
// that nothing has to be built; NETLYRA_BINARY names another one to try.
//
// Tests wait for conditions with a deadline. Functions that take a testing.TB fail it,
// and belong to the goroutine of the test; all else may be called from any goroutine.
package faults
