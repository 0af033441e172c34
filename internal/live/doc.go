// Package live sends alerts, statistics, connections and scores to WebSocket clients, on
// its own port.
//
// # Ownership
//
// A Hub owns the listener on WS_PORT and the connections of its clients. Each client has
// a goroutine that reads (subscriptions, pongs), one that writes, and a bounded queue for
// each kind of event.
//
// # Ordering and back-pressure
//
// Publishing never blocks: a message is encoded once for all clients and queued for each.
// When a queue is full the oldest stats, connection and scores messages are discarded, and
// the client receives their number. Alerts are never discarded: a client with more than
// Config.AlertQueue queued alerts is disconnected and catches up over REST. Messages of
// one kind keep their order; alerts are sent before the other kinds.
//
// # Concurrency
//
// Alert, Connection, Stats and Scores may be called from any goroutine, before, during and
// after Run. They encode or copy their argument before they return. All goroutines end
// before Run returns.
package live
