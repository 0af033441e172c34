package live

import (
	"sync"

	"github.com/gorilla/websocket"
)

// ring is a bounded queue; the zero value with a capacity is ready.
type ring struct {
	items []*websocket.PreparedMessage // grows up to limit
	head  int
	n     int
	limit int
}

// push appends m. A full ring gives up its oldest item, and reports so.
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
		r.items, r.head = nil, 0 // a burst does not keep its memory
	}
	return m
}

// queues is what waits for one client.
type queues struct {
	mu     sync.Mutex
	rings  [kinds]ring
	lost   [kinds]uint64                // since the client was last told
	direct []*websocket.PreparedMessage // answers to the client, few
	ready  chan struct{}                // capacity 1: something waits
}

// maxDirect bounds the answers that wait: who asks without reading gets no more.
const maxDirect = 16

func newQueues(cfg Config) *queues {
	q := &queues{ready: make(chan struct{}, 1)}
	for k, n := range map[kind]int{kindAlert: cfg.AlertQueue, kindStats: cfg.StatsQueue, kindScores: cfg.ScoresQueue, kindConnection: cfg.ConnectionQueue} {
		q.rings[k].limit = n
	}
	return q
}

// put queues m and reports whether an older message was lost for it; full tells that
// it is an alert for which there is no room, and that nothing was queued.
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

// reply queues an answer; ok is false where too many wait already.
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

// take is the next message: answers, then alerts, then the rest.
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

// takeLost is what was lost since the last call, nil where nothing was.
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

// waiting counts messages by kind.
func (q *queues) waiting() (n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for k := range q.rings {
		n += uint64(q.rings[k].n)
	}
	return n
}

// dropAllBut empties the queues of everything but kind k: at the end only alerts matter.
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
