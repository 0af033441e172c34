// Package httpserver is the part that all HTTP ports share: a listener with limits,
// timeouts for every phase of a connection, checks of hosts and origins, and problem
// responses.
//
// # Ownership
//
// A [Server] owns one TCP port. It accepts through [netlimit.Listener], which retries
// after errors of Accept and refuses connections above its limits with 503. Every phase
// of a connection has a timeout: headers, body, unread response, idle keep-alive. A
// handler that hijacks the connection (a WebSocket upgrade) sets its own deadlines.
//
// A [Front] examines a request before any handler:
//
//   - client: Forwarded and X-Forwarded-* are used only from Access.TrustedProxies;
//   - path: Access.BasePath, and the prefix that a trusted proxy reports, are removed from
//     the path if the proxy has not done that;
//   - host: [Hosts] has the addresses and names of this machine. Other hosts are refused,
//     which prevents DNS rebinding;
//   - site: browsers report it in Fetch Metadata (Sec-Fetch-*), older ones in Origin or
//     Referer.
//
// # Concurrency
//
// Server.Run is called once and returns when all its goroutines have ended. Everything
// else may be called from any goroutine.
package httpserver
