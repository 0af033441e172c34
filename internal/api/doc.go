// Package api serves the REST interface, its OpenAPI description, the metrics and the
// embedded dashboard on one port.
//
// # What it owns
//
// The listener on API_PORT. Everything that it tells comes from the interfaces in
// Deps; it keeps no state of its own.
//
// There is no log-in in this version: who can connect can read everything and triage
// alerts. So the default address is this machine's own, requests that other sites'
// pages send are refused, and where only this machine can connect, so are names
// that are not this machine's (DNS rebinding).
//
// # Errors
//
// Every error is an application/problem+json (RFC 9457); one about a parameter or a
// field of the body lists them all in "errors". A parameter that is unknown, given
// twice or out of its range is 400, never ignored. A panic is a 500 and a log line.
//
// # Ordering and back-pressure
//
// Requests are independent. A query takes at most Config.QueryTimeout, then it is 503.
//
// # Goroutines
//
// net/http's. Run is called once and returns when all requests have been answered, or
// the time for that is over.
package api
