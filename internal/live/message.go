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

// The events that a client can subscribe to.
const (
	EventAlert      Event = "alert"      // data: Alert
	EventStats      Event = "stats"      // data: Stats
	EventConnection Event = "connection" // data: Connection
	EventScores     Event = "scores"     // data: ScoreBatch
)

// The events that answer a client.
const (
	EventLost       Event = "lost"       // data: messages lost by event, since it was last said
	EventSubscribed Event = "subscribed" // data: what now holds
	EventError      Event = "error"      // data: what was wrong with the client's message
)

// kind is a subscribable event as an index; the order is that in which queues are emptied.
type kind uint8

const (
	kindAlert kind = iota
	kindStats
	kindScores
	kindConnection
	kinds
)

var events = [kinds]Event{EventAlert, EventStats, EventScores, EventConnection}

// message is the form of everything that is sent.
type message struct {
	Event Event            `json:"event"`
	TS    models.Timestamp `json:"ts"` // wall clock of sending
	Data  any              `json:"data"`
}

// encode makes a message that many clients can be sent: it is framed once. Connections
// are many, and have a quick encoder of their own.
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
