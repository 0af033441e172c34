package conntrack

// rare has the state that few connections need: those with gaps, retransmissions or a long
// history. It is allocated on demand and freed when the connection ends.
type rare struct {
	missed  uint64
	counts  [scaledKinds][2]uint32 // by role
	aside   [2][]interval          // segments beyond a gap, ascending, disjoint; by role
	jumps   [2]jump                // by role, valid if endJump is set
	history []byte                 // complete history, if longer than conn.history
	next    uint32                 // free list
}

// Kinds of events that are counted for scaled letters.
const (
	retransmissions = iota
	zeroWindows
	gaps
	badChecksums
	scaledKinds
)

// rareOf returns the connection's rare record and creates it if there is none.
func (t *Table) rareOf(ref uint32) *rare {
	k := t.slab.coldOf(ref)
	if k.rare == 0 {
		k.rare = t.rares.take()
	}
	return t.rares.at(k.rare)
}

// rarePool stores rare records and reuses them and the memory of their slices.
type rarePool struct {
	all  []*rare
	free uint32
}

func (p *rarePool) take() uint32 {
	if n := p.free; n != 0 {
		p.free = p.at(n).next
		return n
	}
	p.all = append(p.all, new(rare))
	return uint32(len(p.all))
}

func (p *rarePool) at(n uint32) *rare { return p.all[n-1] }

func (p *rarePool) give(n uint32) {
	if n == 0 {
		return
	}
	r := p.at(n)
	r.missed, r.counts, r.history = 0, [scaledKinds][2]uint32{}, r.history[:0]
	for i := range r.aside {
		r.aside[i] = r.aside[i][:0]
	}
	r.next, p.free = p.free, n
}

// storeBeyondGap stores an interval beyond a gap. If there are too many, the nearest is dropped and
// counts as missed unless the gap before it is filled.
func (t *Table) storeBeyondGap(ref uint32, c *conn, role int, iv interval) {
	r := t.rareOf(ref)
	list := r.aside[role]
	i := len(list)
	for i > 0 && list[i-1].from > iv.from {
		i--
	}
	if i > 0 && list[i-1].to >= iv.from {
		i--
		iv.from = list[i].from
		iv.to = max(iv.to, list[i].to)
	} else {
		list = append(list, interval{})
		copy(list[i+1:], list[i:])
	}
	j := i + 1
	for j < len(list) && list[j].from <= iv.to {
		iv.to = max(iv.to, list[j].to)
		j++
	}
	list[i] = iv
	list = append(list[:i+1], list[j:]...)
	if len(list) > maxIntervals {
		list = append(list[:0], list[1:]...)
	}
	r.aside[role] = list
	c.end[role].bits |= endBlocks
}

// joined removes the intervals that edge has reached and returns their end.
func (t *Table) joined(ref uint32, c *conn, role int, edge uint64) uint64 {
	r := t.rareOf(ref)
	list := r.aside[role]
	n := 0
	for n < len(list) && list[n].from <= edge {
		edge = max(edge, list[n].to)
		n++
	}
	if n > 0 {
		list = append(list[:0], list[n:]...)
		r.aside[role] = list
	}
	if len(list) == 0 {
		c.end[role].bits &^= endBlocks
	}
	return edge
}

func (t *Table) clearAside(ref uint32, c *conn, role int) {
	if c.end[role].bits&endBlocks != 0 {
		r := t.rareOf(ref)
		r.aside[role] = r.aside[role][:0]
		c.end[role].bits &^= endBlocks
	}
}
