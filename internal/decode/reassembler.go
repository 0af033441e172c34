package decode

import (
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// fragmentKey identifies a datagram. As in Zeek, the protocol is not part of it.
type fragmentKey struct {
	src, dst netip.Addr
	id       uint32
}

// maxRanges is the maximum number of separate parts of one datagram.
const maxRanges = 64

// span is a range of bytes.
type span struct{ lo, hi int }

// datagram is an incomplete IP datagram.
type datagram struct {
	key          fragmentKey
	buf          []byte
	parts        [maxRanges]span // received parts: sorted, disjoint
	n            int             // parts in use
	total        int             // length of the payload, 0 while the last fragment is missing
	header       int             // length of the IP header of the first fragment received
	next         byte
	wire         uint32 // bytes of the frames of its fragments
	since        models.Timestamp
	older, newer *datagram // list by age; newer also links the free list
}

// complete reports whether no byte is missing. As in Zeek, a fragment beyond the end of the
// last one moves the end.
func (g *datagram) complete() bool {
	return g.total > 0 && g.n == 1 && g.parts[0].lo == 0 && g.parts[0].hi >= g.total
}

// reassembler holds the incomplete datagrams. It reuses its memory and allocates only until
// it reaches its limits.
type reassembler struct {
	index          map[fragmentKey]*datagram
	oldest, newest *datagram
	free           *datagram
	spent          *datagram // completed; their buffers are in use until the next frame
	count          int       // datagrams allocated, waiting or free
	memory         int       // capacity of all buffers
	maxCount       int
	maxMemory      int
	timeout        models.Timestamp
}

func (r *reassembler) init(cfg Config) {
	r.index = make(map[fragmentKey]*datagram)
	r.maxCount, r.maxMemory = cfg.MaxDatagrams, cfg.MaxFragmentBytes
	r.timeout = models.Timestamp(cfg.FragmentTimeout)
}

// busy reports whether begin has work to do.
func (r *reassembler) busy() bool { return r.spent != nil || r.oldest != nil }

// begin starts a new frame: it frees the buffers of completed datagrams and drops expired
// datagrams.
func (r *reassembler) begin(now models.Timestamp, e *events) {
	for g := r.spent; g != nil; {
		next := g.newer
		r.release(g)
		g = next
	}
	r.spent = nil
	for r.timeout > 0 && r.oldest != nil && now-r.oldest.since > r.timeout {
		e.expired.Add(1)
		r.drop(r.oldest)
	}
}

// add adds a piece to its datagram and returns that, or nil if there is no room.
func (r *reassembler) add(key fragmentKey, f piece, now models.Timestamp, e *events) *datagram {
	g := r.index[key]
	if g == nil {
		if g = r.make(key, f, now, e); g == nil {
			return nil
		}
	}
	end := f.offset + f.size
	if !r.grow(g, end, e) {
		return nil
	}
	if f.offset == 0 {
		g.next = f.next
	}
	if !f.more || g.total > 0 {
		g.total = max(g.total, end)
	}
	e.fragments.Add(1)
	if !g.insert(f, e) {
		e.evicted.Add(1)
		r.drop(g)
		return nil
	}
	return g
}

// make returns a free datagram; it evicts the oldest if necessary.
func (r *reassembler) make(key fragmentKey, f piece, now models.Timestamp, e *events) *datagram {
	if r.free == nil && r.count >= r.maxCount {
		if r.oldest == nil {
			return nil
		}
		e.evicted.Add(1)
		r.drop(r.oldest)
	}
	g := r.free
	if g == nil {
		g = new(datagram)
		r.count++
	} else {
		r.free = g.newer
	}
	g.key, g.n, g.total, g.header = key, 0, 0, f.header
	g.next, g.wire, g.since = f.next, 0, now
	g.older, g.newer = r.newest, nil
	if r.newest != nil {
		r.newest.newer = g
	} else {
		r.oldest = g
	}
	r.newest = g
	r.index[key] = g
	return g
}

// grow enlarges the buffer of g to at least n bytes. At the memory limit it frees the buffers
// of unused datagrams first, then evicts the oldest datagrams.
func (r *reassembler) grow(g *datagram, n int, e *events) bool {
	if n <= len(g.buf) {
		return true
	}
	size := 4096
	for size < n {
		size *= 2
	}
	need := size - len(g.buf)
	for f := r.free; f != nil && r.memory+need > r.maxMemory; f = f.newer {
		r.memory -= len(f.buf)
		f.buf = nil
	}
	for r.memory+need > r.maxMemory {
		old := r.oldest
		e.evicted.Add(1)
		r.drop(old)
		if old == g {
			return false
		}
		r.memory -= len(old.buf)
		old.buf = nil
		if r.oldest == nil {
			return false
		}
	}
	buf := make([]byte, size)
	copy(buf, g.buf)
	r.memory += need
	g.buf = buf
	return true
}

// insert copies the missing bytes from f and reports false if the datagram has too many
// separate parts. Bytes received first are kept.
func (g *datagram) insert(f piece, e *events) bool {
	lo, hi := f.offset, f.offset+f.size
	i := 0
	for i < g.n && g.parts[i].hi < lo {
		i++
	}
	// parts[i:j] touch or overlap the new one and become one part with it.
	j, at, overlap, conflict := i, lo, false, false
	for ; j < g.n && g.parts[j].lo <= hi; j++ {
		p := g.parts[j]
		if p.lo > at {
			copy(g.buf[at:p.lo], f.data[at-f.offset:])
		}
		if a, b := max(p.lo, lo), min(p.hi, hi); a < b {
			overlap = true
			conflict = conflict || string(g.buf[a:b]) != string(f.data[a-lo:b-lo])
		}
		at = max(at, p.hi)
	}
	if at < hi {
		copy(g.buf[at:hi], f.data[at-f.offset:])
	}
	if overlap {
		e.overlaps.Add(1)
	}
	if conflict {
		e.conflicts.Add(1)
	}
	if i == j {
		if g.n == maxRanges {
			return false
		}
		copy(g.parts[i+1:g.n+1], g.parts[i:g.n])
		g.parts[i] = span{lo, hi}
		g.n++
		return true
	}
	g.parts[i] = span{min(lo, g.parts[i].lo), max(hi, g.parts[j-1].hi)}
	copy(g.parts[i+1:], g.parts[j:g.n])
	g.n -= j - i - 1
	return true
}

// take removes a completed datagram; its buffer stays until the next frame.
func (r *reassembler) take(g *datagram) {
	r.unlink(g)
	g.newer = r.spent
	r.spent = g
}

// drop removes an incomplete datagram.
func (r *reassembler) drop(g *datagram) {
	r.unlink(g)
	r.release(g)
}

func (r *reassembler) unlink(g *datagram) {
	delete(r.index, g.key)
	if g.older != nil {
		g.older.newer = g.newer
	} else {
		r.oldest = g.newer
	}
	if g.newer != nil {
		g.newer.older = g.older
	} else {
		r.newest = g.older
	}
	g.older, g.newer = nil, nil
}

func (r *reassembler) release(g *datagram) {
	g.newer = r.free
	r.free = g
}
