package live

import (
	"sync"

	"github.com/netlyra/netlyra/internal/models"
)

// remembered is the number of alerts that a Latest remembers, about 100 bytes each.
const remembered = 10_000

// Latest sends each state of an alert to a hub once. A recorder that lost its committed
// offset reads records again, which clients have already received. Latest remembers the
// newest alerts and sends only states that replace the last one (see models.Alert). Its
// methods may be called from any goroutine.
type Latest struct {
	hub *Hub

	mu    sync.Mutex
	state map[string]alertState // by id
	order []string              // ids, a ring
	next  int                   // index in order of the oldest id
}

type alertState struct {
	count uint64
	last  models.Timestamp
}

// NewLatest returns a Latest that sends to h.
func NewLatest(h *Hub) *Latest { return &Latest{hub: h, state: map[string]alertState{}} }

// Alert sends a unless the same or a later state was sent.
func (l *Latest) Alert(a *models.Alert) {
	if l.replaces(a) {
		l.hub.Alert(a)
	}
}

// Connection sends c.
func (l *Latest) Connection(c *models.Connection) { l.hub.Connection(c) }

func (l *Latest) replaces(a *models.Alert) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, known := l.state[a.ID]
	if known && (a.Count < old.count || a.Count == old.count && a.LastTS <= old.last) {
		return false
	}
	l.state[a.ID] = alertState{a.Count, a.LastTS}
	switch {
	case known:
	case len(l.order) < remembered:
		l.order = append(l.order, a.ID)
	default:
		delete(l.state, l.order[l.next])
		l.order[l.next] = a.ID
		l.next = (l.next + 1) % remembered
	}
	return true
}
