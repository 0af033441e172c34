package live

import (
	"log/slog"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// Deps are the collaborators of a Hub. Nil fields are not used.
type Deps struct {
	// Stats is called every Config.StatsEvery while a client subscribes to stats.
	Stats interface{ Stats() models.Stats }
	// Stage counts messages to clients: in when queued, out when written, dropped when
	// discarded.
	Stage      *obs.Stage
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// Hub sends messages to every client that subscribes to them.
type Hub struct {
	cfg  Config
	deps Deps
	met  *metrics
	log  *slog.Logger

	mu      sync.RWMutex
	clients map[*client]struct{}
	joined  uint64 // clients connected since the start
	pending int    // clients being upgraded; they count against MaxClients
	stopped bool   // no client is accepted any more
	wg      sync.WaitGroup
	stop    chan struct{}
	front   *httpserver.Front
	srv     *httpserver.Server
}

// New returns a hub. It accepts clients once Run is called; messages published before are
// discarded.
func New(cfg Config, deps Deps) *Hub {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	front, err := httpserver.NewFront(cfg.Access)
	if err != nil { // reported by Listen
		front, _ = httpserver.NewFront(httpserver.Access{}) // cannot fail
	}
	h := &Hub{
		cfg: cfg, deps: deps, met: newMetrics(deps.Registerer), log: deps.Log,
		clients: map[*client]struct{}{}, stop: make(chan struct{}), front: front,
	}
	h.srv = httpserver.New(serverConfig(cfg), front, deps.Log)
	if deps.Registerer != nil {
		deps.Registerer.MustRegister(h.srv.Collector())
	}
	return h
}

// Alert sends a to the clients that subscribe to it.
func (h *Hub) Alert(a *models.Alert) {
	h.publish(kindAlert, a, func(_ *client, s *subscription) bool { return s.filter.alert(a) })
}

// Connection sends c to the clients that subscribe to it.
func (h *Hub) Connection(c *models.Connection) {
	h.publish(kindConnection, c, func(_ *client, s *subscription) bool { return s.filter.connection(c) })
}

// Stats sends s to the clients that subscribe to stats.
func (h *Hub) Stats(s *models.Stats) { h.publish(kindStats, s, nil) }

// statsRate limits the stats messages of all clients together at each tick of
// Config.StatsEvery. With more clients each receives them less often, so that the
// processor is left for alerts and the pipeline.
const statsRate = 200

// statsTick sends s to the clients that receive stats at the n-th tick.
func (h *Hub) statsTick(s *models.Stats, n uint64) {
	turns := uint64(max(1, (h.Clients()+statsRate-1)/statsRate))
	h.publish(kindStats, s, func(c *client, _ *subscription) bool { return c.number%turns == n%turns })
}

// Scores sends b to the clients that subscribe to scores.
func (h *Hub) Scores(b *models.ScoreBatch) { h.publish(kindScores, b, nil) }

// Clients returns the number of connected clients.
func (h *Hub) Clients() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.clients)
}

// publish queues data for each subscribed client for which match is true; nil matches
// all. It encodes data at the first one.
func (h *Hub) publish(k kind, data any, match func(*client, *subscription) bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var m *websocket.PreparedMessage
	for c := range h.clients {
		sub := c.sub.Load()
		if !sub.want[k] || match != nil && !match(c, sub) {
			continue
		}
		if m == nil {
			var err error
			if m, err = encode(events[k], data); err != nil {
				h.log.Error("cannot encode message; not sent", vocabulary.EventEncodingFailed.Attr(), "message", events[k], "error", err)
				return
			}
		}
		h.offer(c, k, m)
	}
}

// offer queues m for c and counts it.
func (h *Hub) offer(c *client, k kind, m *websocket.PreparedMessage) {
	h.deps.Stage.In(1, 0) // before put, because the client may write it at once
	lost, full := c.queue.put(k, m)
	switch {
	case full:
		h.deps.Stage.Drop(vocabulary.DropLiveSlowClient, 1)
		c.kick()
	case lost:
		h.deps.Stage.Drop(vocabulary.DropLiveSlowClient, 1)
		h.met.lost.WithLabelValues(string(events[k])).Inc()
	}
}

// wanted reports whether any client subscribes to k.
func (h *Hub) wanted(k kind) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for c := range h.clients {
		if c.sub.Load().want[k] {
			return true
		}
	}
	return false
}

// reserve reserves a place for a client, and reports whether there was one.
func (h *Hub) reserve() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped || len(h.clients)+h.pending >= h.cfg.MaxClients {
		return false
	}
	h.pending++
	h.wg.Add(1)
	return true
}

// settle gives a reserved place to c, or releases it if c is nil.
func (h *Hub) settle(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pending--
	if c == nil {
		h.wg.Done()
		return
	}
	h.joined++
	c.number = h.joined
	h.clients[c] = struct{}{}
	h.met.clients.Set(float64(len(h.clients)))
}

// leave removes c and counts its unsent messages as dropped.
func (h *Hub) leave(c *client) {
	h.mu.Lock()
	delete(h.clients, c)
	h.met.clients.Set(float64(len(h.clients)))
	h.mu.Unlock()
	h.deps.Stage.Drop(vocabulary.DropLiveClientGone, c.queue.waiting())
	h.wg.Done()
}
