package vocabulary

// Log events of the HTTP and WebSocket servers.
const (
	EventRequestsCutOff     Event = "requests_cut_off"
	EventAcceptFailed       Event = "accept_failed"
	EventConnectionsRefused Event = "connections_refused"
	EventRequestFailed      Event = "request_failed"
	EventHandlerPanicked    Event = "handler_panicked"
	EventEncodingFailed     Event = "encoding_failed"
)

// HTTPEvents describes the log events of the HTTP and WebSocket servers.
var HTTPEvents = []Entry{
	{string(EventRequestsCutOff), "Requests cut off", "Requests were still running when the shutdown timeout ended; their connections were closed."},
	{string(EventAcceptFailed), "Accept failed", "The system refused to accept connections; the server retries. Often no file descriptors are left."},
	{string(EventConnectionsRefused), "Connections refused", "Connections are refused because a limit is reached; the attribute reason names it."},
	{string(EventRequestFailed), "Request failed", "The database failed during a request."},
	{string(EventHandlerPanicked), "Handler panicked", "A request handler panicked; the client received a 500. Report it with the stack trace."},
	{string(EventEncodingFailed), "Encoding failed", "A WebSocket message could not be encoded and was not sent."},
}
