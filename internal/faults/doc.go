// Package faults tests NetLyra's guarantees under faults. It is a small library that runs
// the program as processes, as operators do, and injects faults around them. Its tests
// are the fault matrix of docs/guarantees.md, one per row.
//
// Process is a running netlyra that can be killed, stopped and observed. Rig is a complete
// NetLyra (broker, core, engines) with its own directory. Proxy is a network between a
// process and the broker that can be slow, silent, cut or half closed. Disk is a file system
// of limited size. Reference is the result of the offline analysis of the same capture;
// Rig.Check compares the database and the counts with it and checks memory.
//
// It uses only external interfaces of NetLyra: the command line, the topics, the REST API,
// the rows of the database, and /proc. Only tests import it. A test binary is also the
// program (see Main), so that no build is needed; NETLYRA_BINARY selects another binary.
//
// Tests wait for conditions with a deadline. Functions with a testing.TB must be called from
// the goroutine of the test; all others may be called from any goroutine.
package faults
