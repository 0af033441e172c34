package live

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// client is one connection. serve reads and a goroutine of its own writes; whichever
// ends first closes the connection, which ends the other.
type client struct {
	hub    *Hub
	conn   *websocket.Conn
	peer   string // address of the client, behind trusted proxies
	number uint64 // in the order of joining
	queue  *queues
	sub    atomic.Pointer[subscription]
	kicked chan struct{} // closed when too many alerts wait
	once   sync.Once
	done   chan struct{} // closed when reading ended
}

func newClient(h *Hub, conn *websocket.Conn, peer string) *client {
	c := &client{hub: h, conn: conn, peer: peer, queue: newQueues(h.cfg), kicked: make(chan struct{}), done: make(chan struct{})}
	c.sub.Store(standard())
	return c
}

// kick has the client disconnected. A write that hangs gets a last short time.
func (c *client) kick() {
	c.once.Do(func() {
		close(c.kicked)
		_ = c.conn.NetConn().SetWriteDeadline(time.Now().Add(c.hub.cfg.CloseTimeout)) // a closed one hangs no more
	})
}

// serve runs the client until it is gone.
func (c *client) serve() {
	written := make(chan string, 1)
	go func() { written <- c.write() }()
	c.read()
	close(c.done)
	reason := <-written
	c.hub.leave(c)
	c.hub.met.left.WithLabelValues(reason).Inc()
	c.hub.log.Debug("live client left", "client", c.peer, "reason", reason)
}

// read takes the client's messages until the connection ends.
func (c *client) read() {
	c.conn.SetReadLimit(c.hub.cfg.ReadLimit)
	alive := func(string) error { return c.conn.SetReadDeadline(time.Now().Add(c.hub.cfg.PongTimeout)) }
	c.conn.SetPongHandler(alive)
	for {
		if alive("") != nil {
			return
		}
		kind, b, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.TextMessage {
			c.reply(EventError, map[string]string{"message": "binary messages have no meaning here: send JSON text"})
			continue
		}
		next, err := c.sub.Load().change(b)
		if err != nil {
			c.reply(EventError, map[string]string{"message": err.Error()})
			continue
		}
		c.sub.Store(next)
		c.reply(EventSubscribed, next.answer())
	}
}

// reply queues an answer. A client that asks without reading the answers is too slow.
func (c *client) reply(e Event, data any) {
	if m, err := encode(e, data); err == nil && !c.queue.reply(m) {
		c.kick()
	}
}

// write sends what is queued until the client leaves or must, and says why.
func (c *client) write() (reason string) {
	defer c.conn.Close() //nolint:errcheck // nothing more is to be said
	defer func() {
		select {
		case <-c.kicked: // whatever failed then, failed for that
			reason = leftSlow
		default:
		}
	}()
	ping, lost := time.NewTicker(c.hub.cfg.PingEvery), time.NewTicker(c.hub.cfg.LostEvery)
	defer ping.Stop()
	defer lost.Stop()
	for {
		// One message at a time, so that none of the other cases waits behind a flood.
		select {
		case <-c.done:
			return leftSilent
		case <-c.kicked:
			c.close(websocket.CloseTryAgainLater, "too slow: alerts were waiting; catch up at /api/v1/alerts")
			return leftSlow
		case <-c.hub.stop:
			c.drain()
			return leftShutdown
		case <-ping.C:
			if c.conn.WriteControl(websocket.PingMessage, nil, c.deadline()) != nil {
				return leftStalled
			}
		case <-lost.C:
			if !c.tellLost() {
				return leftStalled
			}
		case <-c.queue.ready:
			if !c.sendNext() {
				return leftStalled
			}
		}
	}
}

func (c *client) deadline() time.Time { return time.Now().Add(c.hub.cfg.WriteTimeout) }

// sendNext writes one message and wakes itself where more may wait.
func (c *client) sendNext() (ok bool) {
	m, k, any := c.queue.take()
	if !any {
		return true
	}
	c.queue.wake()
	return c.send(m, k)
}

func (c *client) send(m *websocket.PreparedMessage, k kind) (ok bool) {
	_ = c.conn.SetWriteDeadline(c.deadline()) // never fails
	err := c.conn.WritePreparedMessage(m)
	if k < kinds {
		if err != nil {
			c.hub.deps.Stage.Drop(dropGone, 1)
			return false
		}
		c.hub.deps.Stage.Out(1)
		c.hub.met.sent.WithLabelValues(string(events[k])).Inc()
	}
	return err == nil
}

// tellLost says what was lost since it was last said.
func (c *client) tellLost() (ok bool) {
	lost := c.queue.takeLost()
	if lost == nil {
		return true
	}
	m, err := encode(EventLost, lost)
	return err != nil || c.send(m, kinds)
}

// drain writes the alerts that wait, for a short time, and says good-bye.
func (c *client) drain() {
	c.hub.deps.Stage.Drop(dropGone, c.queue.dropAllBut(kindAlert))
	for end := time.Now().Add(c.hub.cfg.CloseTimeout); time.Now().Before(end); {
		m, k, ok := c.queue.take()
		if !ok {
			break
		}
		_ = c.conn.SetWriteDeadline(end) // never fails
		if c.conn.WritePreparedMessage(m) != nil {
			c.hub.deps.Stage.Drop(dropGone, 1)
			return
		}
		if k < kinds {
			c.hub.deps.Stage.Out(1)
		}
	}
	c.close(websocket.CloseGoingAway, "netlyra stops")
}

func (c *client) close(code int, text string) {
	// Best effort: a client that does not read cannot be told.
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(c.hub.cfg.CloseTimeout))
}
