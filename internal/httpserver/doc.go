// Package httpserver is what the HTTP ports have in common: a listener with limits,
// time-outs for every phase of a connection, and the checks of who may ask.
//
// # What it owns
//
// A [Server] owns one TCP port. It accepts through [netlimit.Listener], so it goes on
// after errors of Accept and refuses connections above its limits with 503. Every
// connection that does not finish what it began ends by a time-out: headers, body,
// unread response, idle keep-alive. A handler that takes the connection over (a WebSocket
// upgrade) sets its own deadlines from then on.
//
// A [Front] decides about a request before any handler sees it:
//
//   - who asked: Forwarded and X-Forwarded-* count only from Access.TrustedProxies;
//   - under which path: Access.BasePath, and the prefix that a trusted proxy names, are
//     cut off where the proxy has not done that;
//   - for which host: [Hosts] knows the machine's addresses and names. Any other Host
//     is refused, which stops DNS rebinding;
//   - from which site: a browser says so by Fetch Metadata (Sec-Fetch-*), an old one by
//     Origin or Referer.
//
// # Goroutines
//
// Server.Run is called once and returns when all its goroutines have ended. Everything
// else may be called from any goroutine.
package httpserver
