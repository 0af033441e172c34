package conntrack

import "github.com/netlyra/netlyra/internal/models"

// Event says why the Sink is told of a connection.
type Event uint8

// The events.
const (
	EventNew     Event = iota // first packet
	EventChanged              // conn_state or phase changed
	EventUpdate               // it goes on: packets came since the last event
	EventEnd                  // last event of this connection
)

var eventNames = [...]string{"new", "changed", "update", "end"}

// String is the lower-case name.
func (e Event) String() string {
	if int(e) < len(eventNames) {
		return eventNames[e]
	}
	return "unknown"
}

// Sink is told of connections. c is valid until the call returns; its strings may be kept.
type Sink interface {
	Connection(c *models.Connection, ev Event)
}

// SinkFunc makes a function a Sink.
type SinkFunc func(c *models.Connection, ev Event)

// Connection calls f.
func (f SinkFunc) Connection(c *models.Connection, ev Event) { f(c, ev) }
