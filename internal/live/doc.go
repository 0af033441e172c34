// Package live pushes what happens to WebSocket clients, on a listener of its own.
//
// # What it owns
//
// The listener on WS_PORT and the connections of its clients. Each client has a
// goroutine that reads (subscriptions, pongs), one that writes, and bounded queues,
// one for each kind of event.
//
// # Ordering and back-pressure
//
// Publishing never waits: a message is encoded once for all clients and put into
// their queues. Where a queue is full the oldest stats, connection and scores
// messages go, and the client is told how many; an alert never goes: a client with
// more than Config.AlertQueue alerts before it is disconnected and must catch up over
// REST. Within one kind of event messages keep their order; between kinds alerts
// overtake the rest.
//
// # Goroutines
//
// Alert, Connection, Stats and Scores may be called from any goroutine, before, while
// and after Run runs. What they are given is encoded before they return, or copied.
// All goroutines end before Run returns.
package live
