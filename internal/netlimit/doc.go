// Package netlimit accepts TCP connections within limits, so that neither many clients nor
// a shortage of file descriptors makes a port unusable.
//
// A [Listener] wraps a net.Listener. It
//
//   - retries Accept with back-off after every error except a closed listener: shortages
//     of descriptors or memory are temporary;
//   - closes connections above Config.Total and Config.PerPeer;
//   - closes connections that would use one of the last Config.Reserve descriptors of the
//     process, which files, the database and outgoing connections need. A new descriptor
//     has the lowest free number (POSIX.1-2017, 2.14), so the number shows how many are in
//     use without counting them;
//   - counts connections for metrics ([Listener.Stats]) and reports the start of refusals
//     and errors ([Config.Event]), not each of them.
//
// [IsLoopback] is the one definition of which hosts only this machine can reach: servers
// beyond loopback require authentication or other checks.
//
// One goroutine calls Accept; all other methods may be called from any goroutine. The only
// back-pressure is refusal; a refused client may retry at once.
package netlimit
