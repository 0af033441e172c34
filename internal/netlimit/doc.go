// Package netlimit accepts TCP connections within limits, so that no number of clients
// and no shortage of file descriptors stops a port.
//
// A [Listener] wraps a net.Listener. It
//
//   - retries Accept after every error but a closed listener, with a growing pause:
//     a shortage of descriptors or memory ends, and a server that gave up would stay deaf;
//   - closes connections above Config.Total and Config.PerPeer;
//   - closes connections that would take one of the last Config.Reserve descriptors of
//     the process: files, the database and the process's own connections need them. The
//     number of a new descriptor is the lowest free one (POSIX.1-2017, 2.14), so the
//     number alone shows how many are in use, without counting them;
//   - counts what it did, for metrics ([Listener.Stats]) and reports the change between
//     accepting and refusing once each ([Config.Event]), not once for each connection.
//
// A listener has one goroutine that calls Accept; all other methods may be called from
// any goroutine. Back-pressure is refusal: a refused client may try again at once.
package netlimit
