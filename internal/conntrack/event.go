package conntrack

import "github.com/netlyra/netlyra/internal/models"

// Event is the reason for a call of the Sink.
type Event uint8

// The events.
const (
	EventNew     Event = iota // first packet
	EventChanged              // conn_state or phase changed
	EventUpdate               // packets arrived since the last event
	EventEnd                  // last event of this connection
)

var eventNames = [...]string{"new", "changed", "update", "end"}

// String returns the lower-case name.
func (e Event) String() string {
	if int(e) < len(eventNames) {
		return eventNames[e]
	}
	return "unknown"
}

// Sink receives connection events. c is valid until the call returns; its strings may be
// kept.
type Sink interface {
	Connection(c *models.Connection, ev Event)
}

// SinkFunc is a function that implements Sink.
type SinkFunc func(c *models.Connection, ev Event)

// Connection calls f.
func (f SinkFunc) Connection(c *models.Connection, ev Event) { f(c, ev) }
