package live

import (
	"encoding/json"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// Event names a kind of message.
type Event string

// Events that a client can subscribe to.
const (
	EventAlert      Event = "alert"      // data: Alert
	EventStats      Event = "stats"      // data: Stats
	EventConnection Event = "connection" // data: Connection
	EventScores     Event = "scores"     // data: ScoreBatch
)

// Events that respond to a client.
const (
	EventLost       Event = "lost"       // data: discarded messages by event since the previous lost
	EventSubscribed Event = "subscribed" // data: the subscription in force
	EventError      Event = "error"      // data: error in the message of the client
)

// kind is the index of an event that clients can subscribe to, in the order in which
// queues are emptied.
type kind uint8

const (
	kindAlert kind = iota
	kindStats
	kindScores
	kindConnection
	kinds
)

var events = [kinds]Event{EventAlert, EventStats, EventScores, EventConnection}

// message is the JSON form of all messages to clients.
type message struct {
	Event Event            `json:"event"`
	TS    models.Timestamp `json:"ts"` // wall clock of sending
	Data  any              `json:"data"`
}

// encode returns a message that is encoded and framed once for all clients. Connections
// are frequent and use their faster encoder.
func encode(e Event, data any) (*websocket.PreparedMessage, error) {
	now := models.TimestampOf(time.Now())
	var b []byte
	if c, ok := data.(*models.Connection); ok {
		b = append(append(append(make([]byte, 0, 768), `{"event":"`...), e...), `","ts":`...)
		b = append(wire.AppendTimestamp(b, now), `,"data":`...)
		b = append(wire.AppendConnection(b, c), '}')
	} else {
		var err error
		if b, err = json.Marshal(message{e, now, data}); err != nil {
			return nil, err
		}
	}
	return websocket.NewPreparedMessage(websocket.TextMessage, b)
}
