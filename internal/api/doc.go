// Package api serves the REST API, its OpenAPI description, the metrics and the embedded
// dashboard on one port.
//
// # Ownership
//
// A Server owns the listener on API_PORT. All data comes from the interfaces in Deps; the
// server keeps no state.
//
// This version has no authentication: every client that can connect can read all data and
// triage alerts. The default address is therefore loopback, requests made by pages of
// other sites are refused, and so are requests for unknown host names (DNS rebinding).
//
// # Errors
//
// Every error is an application/problem+json (RFC 9457) with a code of
// vocabulary.Problems; "errors" lists every invalid parameter or field. Unknown, repeated
// and out-of-range parameters are answered with 400, never ignored. A panic is answered
// with 500 and logged.
//
// # Ordering and back-pressure
//
// Requests are independent. A query takes at most Config.QueryTimeout, then the response
// is 503. Searches queue for Config.MaxSearches slots.
//
// # Concurrency
//
// Handlers run on the goroutines of net/http. Run is called once and returns when all
// requests have ended or Config.ShutdownTimeout has passed.
package api
