package live

import (
	"sync"

	"github.com/gorilla/websocket"
)

// ring is a bounded queue. Its zero value with a limit is ready to use.
type ring struct {
	items []*websocket.PreparedMessage // grows up to limit
	head  int
	n     int
	limit int
}

// push appends m. A full ring discards its oldest item; lost reports that.
func (r *ring) push(m *websocket.PreparedMessage) (lost bool) {
	if r.n == r.limit {
		r.pop()
		lost = true
	}
	if r.n == len(r.items) {
		grown := make([]*websocket.PreparedMessage, min(max(8, 2*len(r.items)), r.limit))
		for i := range r.n {
			grown[i] = r.items[(r.head+i)%len(r.items)]
		}
		r.items, r.head = grown, 0
	}
	r.items[(r.head+r.n)%len(r.items)] = m
	r.n++
	return lost
}

func (r *ring) pop() *websocket.PreparedMessage {
	m := r.items[r.head]
	r.items[r.head] = nil
	r.head = (r.head + 1) % len(r.items)
	if r.n--; r.n == 0 && len(r.items) > 64 {
		r.items, r.head = nil, 0 // free the memory of a burst
	}
	return m
}

// queues holds the queued messages of one client.
type queues struct {
	mu     sync.Mutex
	rings  [kinds]ring
	lost   [kinds]uint64                // discarded since takeLost
	direct []*websocket.PreparedMessage // responses to the client
	ready  chan struct{}                // capacity 1: signals queued messages
}

// maxDirect limits the queued responses, for clients that send without reading.
const maxDirect = 16

func newQueues(cfg Config) *queues {
	q := &queues{ready: make(chan struct{}, 1)}
	for k, n := range map[kind]int{kindAlert: cfg.AlertQueue, kindStats: cfg.StatsQueue, kindScores: cfg.ScoresQueue, kindConnection: cfg.ConnectionQueue} {
		q.rings[k].limit = n
	}
	return q
}

// put queues m. lost reports that an older message was discarded for it; full reports that
// m is an alert and was not queued, because the queue is full.
func (q *queues) put(k kind, m *websocket.PreparedMessage) (lost, full bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if k == kindAlert && q.rings[k].n == q.rings[k].limit {
		return false, true
	}
	if lost = q.rings[k].push(m); lost {
		q.lost[k]++
	}
	q.wake()
	return lost, false
}

// reply queues a response; ok is false if too many are queued.
func (q *queues) reply(m *websocket.PreparedMessage) (ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.direct) == maxDirect {
		return false
	}
	q.direct = append(q.direct, m)
	q.wake()
	return true
}

func (q *queues) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take returns the next message: responses first, then alerts, then the other kinds.
func (q *queues) take() (m *websocket.PreparedMessage, k kind, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.direct) > 0 {
		m, q.direct = q.direct[0], q.direct[1:]
		return m, kinds, true
	}
	for k := range q.rings {
		if q.rings[k].n > 0 {
			return q.rings[k].pop(), kind(k), true
		}
	}
	return nil, 0, false
}

// takeLost returns the messages discarded since the last call, or nil.
func (q *queues) takeLost() map[Event]uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out map[Event]uint64
	for k, n := range q.lost {
		if n > 0 {
			if out == nil {
				out = map[Event]uint64{}
			}
			out[events[k]] = n
		}
	}
	q.lost = [kinds]uint64{}
	return out
}

// waiting returns the number of queued messages without responses.
func (q *queues) waiting() (n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for k := range q.rings {
		n += uint64(q.rings[k].n)
	}
	return n
}

// dropAllBut discards all queued messages except those of kind keep, and returns their
// number.
func (q *queues) dropAllBut(keep kind) (n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for k := range q.rings {
		for kind(k) != keep && q.rings[k].n > 0 {
			q.rings[k].pop()
			n++
		}
	}
	return n
}
