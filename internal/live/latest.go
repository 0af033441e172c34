package live

import (
	"sync"

	"github.com/netlyra/netlyra/internal/models"
)

// remembered is how many alerts a Latest knows, about 100 bytes each.
const remembered = 10_000

// Latest sends alerts to a hub once. A recorder that lost its place on the log reads
// records again and passes them on again; clients have them already. Of the alerts that
// it remembers, the most recently begun ones, only a state that replaces the last one is
// sent (see models.Alert). Its methods may be called from any goroutine.
type Latest struct {
	hub *Hub

	mu    sync.Mutex
	state map[string]alertState // of the alerts in order
	order []string              // ids, a ring
	next  int                   // place in order of the one to forget
}

type alertState struct {
	count uint64
	last  models.Timestamp
}

// NewLatest sends to h.
func NewLatest(h *Hub) *Latest { return &Latest{hub: h, state: map[string]alertState{}} }

// Alert sends a unless it, or a later state of it, has been sent.
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
