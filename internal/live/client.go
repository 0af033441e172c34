package live

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// client is one connection. serve reads, another goroutine writes; whichever ends first
// closes the connection, which ends the other.
type client struct {
	hub    *Hub
	conn   *websocket.Conn
	peer   string // address of the client, behind trusted proxies
	number uint64 // in the order of connecting
	queue  *queues
	sub    atomic.Pointer[subscription]
	kicked chan struct{} // closed when too many alerts are queued
	once   sync.Once
	done   chan struct{} // closed when reading ends
}

func newClient(h *Hub, conn *websocket.Conn, peer string) *client {
	c := &client{hub: h, conn: conn, peer: peer, queue: newQueues(h.cfg), kicked: make(chan struct{}), done: make(chan struct{})}
	c.sub.Store(defaultSubscription())
	return c
}

// kick disconnects the client. A blocked write gets a short deadline.
func (c *client) kick() {
	c.once.Do(func() {
		close(c.kicked)
		_ = c.conn.NetConn().SetWriteDeadline(time.Now().Add(c.hub.cfg.CloseTimeout)) // fails only if already closed
	})
}

// serve runs the client until it disconnects.
func (c *client) serve() {
	written := make(chan string, 1)
	go func() { written <- c.write() }()
	c.read()
	close(c.done)
	reason := <-written
	c.hub.leave(c)
	c.hub.met.left.WithLabelValues(reason).Inc()
	c.hub.log.Debug("WebSocket client disconnected", "client", c.peer, "reason", reason)
}

// read handles messages of the client until the connection ends.
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
			c.reply(EventError, map[string]string{"message": "binary messages are not supported; send JSON text"})
			continue
		}
		next, err := c.sub.Load().change(b)
		if err != nil {
			c.reply(EventError, map[string]string{"message": err.Error()})
			continue
		}
		c.sub.Store(next)
		c.reply(EventSubscribed, next.response())
	}
}

// reply queues a response. A client that does not read its responses is disconnected.
func (c *client) reply(e Event, data any) {
	if m, err := encode(e, data); err == nil && !c.queue.reply(m) {
		c.kick()
	}
}

// write sends queued messages until the client disconnects or is disconnected, and returns
// the reason.
func (c *client) write() (reason string) {
	defer c.conn.Close() //nolint:errcheck // nothing left to do
	defer func() {
		select {
		case <-c.kicked: // the reason of any error that followed
			reason = leftSlow
		default:
		}
	}()
	ping, lost := time.NewTicker(c.hub.cfg.PingEvery), time.NewTicker(c.hub.cfg.LostEvery)
	defer ping.Stop()
	defer lost.Stop()
	for {
		// One message at a time, so that no other case waits for a burst of messages.
		select {
		case <-c.done:
			return leftSilent
		case <-c.kicked:
			c.close(websocket.CloseTryAgainLater, "too slow: too many queued alerts; catch up at /api/v1/alerts")
			return leftSlow
		case <-c.hub.stop:
			c.drain()
			return leftShutdown
		case <-ping.C:
			if c.conn.WriteControl(websocket.PingMessage, nil, c.deadline()) != nil {
				return leftStalled
			}
		case <-lost.C:
			if !c.sendLost() {
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

// sendNext writes one message, and signals ready if more may be queued.
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
			c.hub.deps.Stage.Drop(vocabulary.DropLiveClientGone, 1)
			return false
		}
		c.hub.deps.Stage.Out(1)
		c.hub.met.sent.WithLabelValues(string(events[k])).Inc()
	}
	return err == nil
}

// sendLost sends the number of messages discarded since the last call.
func (c *client) sendLost() (ok bool) {
	lost := c.queue.takeLost()
	if lost == nil {
		return true
	}
	m, err := encode(EventLost, lost)
	return err != nil || c.send(m, kinds)
}

// drain writes queued alerts for at most Config.CloseTimeout, then a close frame.
func (c *client) drain() {
	c.hub.deps.Stage.Drop(vocabulary.DropLiveClientGone, c.queue.dropAllBut(kindAlert))
	for end := time.Now().Add(c.hub.cfg.CloseTimeout); time.Now().Before(end); {
		m, k, ok := c.queue.take()
		if !ok {
			break
		}
		_ = c.conn.SetWriteDeadline(end) // never fails
		if c.conn.WritePreparedMessage(m) != nil {
			c.hub.deps.Stage.Drop(vocabulary.DropLiveClientGone, 1)
			return
		}
		if k < kinds {
			c.hub.deps.Stage.Out(1)
		}
	}
	c.close(websocket.CloseGoingAway, "netlyra is stopping")
}

func (c *client) close(code int, text string) {
	// Best effort: the client may not read.
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(c.hub.cfg.CloseTimeout))
}
