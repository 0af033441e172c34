package guard

import (
	"context"
	"math/bits"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// memory limits the bytes of all frames together. Waiting callers are served in order.
type memory struct {
	sem *semaphore.Weighted
	n   atomic.Int64
}

func newMemory(limit int64) *memory { return &memory{sem: semaphore.NewWeighted(limit)} }

func (m *memory) try(n int64) bool {
	ok := m.sem.TryAcquire(n)
	if ok {
		m.n.Add(n)
	}
	return ok
}

func (m *memory) wait(ctx context.Context, n int64) error {
	err := m.sem.Acquire(ctx, n)
	if err == nil {
		m.n.Add(n)
	}
	return err
}

func (m *memory) release(n int64) {
	if n > 0 {
		m.n.Add(-n)
		m.sem.Release(n)
	}
}

func (m *memory) used() int64 { return m.n.Load() }

// buffers are pools of buffers for frames, by powers of two.
type buffers struct {
	pools [26]sync.Pool // of *[]byte
}

// get returns a buffer of at least n bytes, with its length set to its capacity.
func (b *buffers) get(n int) []byte {
	class := bits.Len(uint(max(n, 1024) - 1))
	if class >= len(b.pools) {
		return make([]byte, n)
	}
	if p, ok := b.pools[class].Get().(*[]byte); ok {
		return (*p)[:cap(*p)]
	}
	return make([]byte, 1<<class)
}

func (b *buffers) put(buf []byte) {
	if class := bits.Len(uint(max(cap(buf), 1) - 1)); class < len(b.pools) && cap(buf) == 1<<class && class >= 10 {
		b.pools[class].Put(&buf)
	}
}

// grow returns a larger buffer with the content of buf.
func (b *buffers) grow(buf []byte, n int) []byte {
	larger := b.get(n)
	copy(larger, buf)
	b.put(buf)
	return larger
}

// names limits what the broker keeps until it is closed once a client has named it: groups,
// transactions and producers.
type names struct {
	limit     int
	mu        sync.Mutex
	groups    map[string]struct{}
	txns      map[string]struct{}
	producers int
}

// producersPerName is the limit of producers per name: clients have more producers than groups,
// because each start of a client creates some.
const producersPerName = 10

// admit returns Names if the request would exceed a limit, else "".
func (n *names) admit(req *request) Reason {
	if req.group == nil && req.txn == nil && req.key != initProducerID {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !add(&n.groups, req.group, n.limit) || !add(&n.txns, req.txn, n.limit) {
		return Names
	}
	if req.key == initProducerID {
		if n.producers++; n.producers > producersPerName*n.limit {
			return Names
		}
	}
	return ""
}

const initProducerID = 22

func add(set *map[string]struct{}, name []byte, limit int) bool {
	if name == nil {
		return true
	}
	if _, known := (*set)[string(name)]; known {
		return true
	}
	if len(*set) >= limit {
		return false
	}
	if *set == nil {
		*set = map[string]struct{}{}
	}
	(*set)[string(name)] = struct{}{}
	return true
}
