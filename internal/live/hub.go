package live

import (
	"log/slog"
	"sync"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/obs"
)

// Deps is what a Hub works with. Nil fields are left out.
type Deps struct {
	// Stats is asked every Config.StatsEvery while someone listens.
	Stats interface{ Stats() models.Stats }
	// Stage counts messages for clients: in when queued, out when written, dropped
	// when lost.
	Stage      *obs.Stage
	Registerer prometheus.Registerer
	Log        *slog.Logger
}

// Why messages are not written, as the ledger counts them.
const (
	dropSlow = "slow client"
	dropGone = "client gone"
)

// Hub sends messages to every client that wants them.
type Hub struct {
	cfg  Config
	deps Deps
	met  *metrics
	log  *slog.Logger

	mu      sync.RWMutex
	clients map[*client]struct{}
	joined  uint64 // clients that ever joined
	pending int    // being upgraded; they count against MaxClients
	stopped bool   // no client is taken any more
	wg      sync.WaitGroup
	stop    chan struct{}
	front   *httpserver.Front
	srv     *httpserver.Server
}

// New makes a hub. It does nothing until Run; what is published before goes nowhere.
func New(cfg Config, deps Deps) *Hub {
	if deps.Log == nil {
		deps.Log = slog.Default()
	}
	front, err := httpserver.NewFront(cfg.Access)
	if err != nil { // Listen says why it cannot be used; until then nobody is let in
		front, _ = httpserver.NewFront(httpserver.Access{}) // which cannot fail
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

// Alert sends a to the clients that want it.
func (h *Hub) Alert(a *models.Alert) {
	h.publish(kindAlert, a, func(_ *client, s *subscription) bool { return s.filter.alert(a) })
}

// Connection sends c to the clients that want it.
func (h *Hub) Connection(c *models.Connection) {
	h.publish(kindConnection, c, func(_ *client, s *subscription) bool { return s.filter.connection(c) })
}

// Stats sends s to the clients that want it.
func (h *Hub) Stats(s *models.Stats) { h.publish(kindStats, s, nil) }

// statsRate bounds the stats messages for all clients together, at each tick of
// Config.StatsEvery. Each of more clients gets them less often, so that it is alerts,
// and the pipeline beside them, that have the processor.
const statsRate = 200

// statsTick sends s to the clients whose turn the n-th tick is.
func (h *Hub) statsTick(s *models.Stats, n uint64) {
	turns := uint64(max(1, (h.Clients()+statsRate-1)/statsRate))
	h.publish(kindStats, s, func(c *client, _ *subscription) bool { return c.number%turns == n%turns })
}

// Scores sends b to the clients that want it.
func (h *Hub) Scores(b *models.ScoreBatch) { h.publish(kindScores, b, nil) }

// Clients is how many are connected now.
func (h *Hub) Clients() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.clients)
}

// publish queues data for each client that wants it; it is encoded at the first.
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
				h.log.Error("message cannot be encoded", "event", events[k], "error", err)
				return
			}
		}
		h.offer(c, k, m)
	}
}

// offer queues m for c and accounts for it.
func (h *Hub) offer(c *client, k kind, m *websocket.PreparedMessage) {
	h.deps.Stage.In(1, 0) // first: the client may write it at once
	lost, full := c.queue.put(k, m)
	switch {
	case full:
		h.deps.Stage.Drop(dropSlow, 1)
		c.kick()
	case lost:
		h.deps.Stage.Drop(dropSlow, 1)
		h.met.lost.WithLabelValues(string(events[k])).Inc()
	}
}

// wanted reports whether any client wants k.
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

// reserve takes a place for a client that is about to connect.
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

// settle turns a reserved place into that of c, or gives it up where c is nil.
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

// leave takes c away and accounts for what it did not get.
func (h *Hub) leave(c *client) {
	h.mu.Lock()
	delete(h.clients, c)
	h.met.clients.Set(float64(len(h.clients)))
	h.mu.Unlock()
	h.deps.Stage.Drop(dropGone, c.queue.waiting())
	h.wg.Done()
}
