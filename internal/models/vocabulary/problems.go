package vocabulary

// Codes of HTTP problems (RFC 9457), in their field "code". They are also the label
// "reason" of netlyra_live_refused_total.
const (
	ProblemInvalidParameters   = "invalid_parameters"
	ProblemInvalidBody         = "invalid_body"
	ProblemBodyTooLarge        = "body_too_large"
	ProblemUnsupportedType     = "unsupported_media_type"
	ProblemNotAcceptable       = "not_acceptable"
	ProblemNotFound            = "not_found"
	ProblemNoRoute             = "no_route"
	ProblemMethodNotAllowed    = "method_not_allowed"
	ProblemCrossSite           = "cross_site"
	ProblemHostNotAllowed      = "host_not_allowed"
	ProblemUpgradeRequired     = "upgrade_required"
	ProblemHandshakeFailed     = "handshake_failed"
	ProblemTooManyClients      = "too_many_clients"
	ProblemTooManyConnections  = "too_many_connections"
	ProblemTooManySearches     = "too_many_searches"
	ProblemDatabaseTimeout     = "database_timeout"
	ProblemDatabaseUnavailable = "database_unavailable"
	ProblemInternal            = "internal_error"
)

// Problems describes the codes of HTTP problems.
var Problems = []Entry{
	{ProblemInvalidParameters, "Invalid parameters", "400: parameters of the query are unknown, repeated or invalid; errors lists them."},
	{ProblemInvalidBody, "Invalid body", "400: the body is not the JSON object that the route expects; errors lists the invalid fields."},
	{ProblemBodyTooLarge, "Body too large", "413: the body is larger than 64 KiB."},
	{ProblemUnsupportedType, "Unsupported media type", "415: the body is not application/json."},
	{ProblemNotAcceptable, "Not acceptable", "406: the Accept header excludes the media type of the route."},
	{ProblemNotFound, "Not found", "404: the alert, connection or file does not exist."},
	{ProblemNoRoute, "No such route", "404: the path is not a route; GET /api/v1/openapi.yaml lists the routes."},
	{ProblemMethodNotAllowed, "Method not allowed", "405: the route does not support the method; the Allow header lists the supported ones."},
	{ProblemCrossSite, "Cross-site request", "403: a page of another site made the request. Behind a reverse proxy set PUBLIC_URL; for the WebSocket, WS_ALLOWED_ORIGINS."},
	{ProblemHostNotAllowed, "Host not allowed", "421: the Host header is not a name or address of this server. Add it to API_ALLOWED_HOSTS if it should be."},
	{ProblemUpgradeRequired, "Upgrade required", "426: the address only serves WebSocket."},
	{ProblemHandshakeFailed, "Handshake failed", "The WebSocket handshake is invalid; detail has the reason."},
	{ProblemTooManyClients, "Too many clients", "503: WS_MAX_CLIENTS WebSocket clients are connected, or the process is stopping. Retry later."},
	{ProblemTooManyConnections, "Too many connections", "503: the limit of open connections is reached. Retry later."},
	{ProblemTooManySearches, "Too many searches", "503: API_MAX_SEARCHES searches are running and the queue is full. Retry later."},
	{ProblemDatabaseTimeout, "Database timeout", "503: the query took too long. Narrow the time range or the filter."},
	{ProblemDatabaseUnavailable, "Database unavailable", "500: the database cannot be read or written; the log has the reason."},
	{ProblemInternal, "Internal error", "500: the request handler failed; the log has the stack trace."},
}
