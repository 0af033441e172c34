package order

import (
	"cmp"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// item is a packet, a tick, or a packet that could not be read (void), that waits.
type item struct {
	number, order uint64
	tick, void    bool
	meta          models.PacketMeta
}

// item makes one, or takes one that has served before.
func (o *Order) item(s models.Sequence, m *models.PacketMeta) *item {
	var it *item
	if n := len(o.free); n > 0 {
		it, o.free = o.free[n-1], o.free[:n-1]
	} else {
		it = new(item)
	}
	*it = item{number: s.Number, order: s.Order, void: m == nil}
	if m != nil {
		it.meta = *m
	}
	return it
}

// before orders items within a stream: a tick stands before the packet of its number.
func (it *item) before(other *item) int {
	switch c := cmp.Compare(it.number, other.number); {
	case c != 0:
		return c
	case it.tick && other.tick:
		return cmp.Compare(it.order, other.order)
	case it.tick:
		return -1
	case other.tick:
		return 1
	}
	return 0
}

// stream is what one producer writes into one partition.
type stream struct {
	begun bool
	next  uint64  // number of the packet that is to come
	early []*item // what came before its turn, in order
	ticks int     // of these
	queue []*item // packets in turn, waiting for the other partitions
	mark  uint64  // all with an order below it have come
}

// arrive is the first step: it lets on what is in turn and keeps what is early.
func (o *Order) arrive(p *producer, i int, it *item) {
	st := &p.streams[i]
	switch {
	case it.number < st.next:
		o.duplicate(it)
		return
	case it.number == st.next:
		o.turn(p, i, it)
	default:
		at, there := slices.BinarySearchFunc(st.early, it, (*item).before)
		if there {
			o.duplicate(it)
			return
		}
		st.early = slices.Insert(st.early, at, it)
		if it.tick {
			st.ticks++
		} else {
			o.held++
		}
	}
	o.catchUp(p, i)
	if len(st.early) >= maxEarly || st.ticks >= maxEarlyTicks {
		o.skip(p, i)
	}
	o.settle()
}

func (o *Order) duplicate(it *item) {
	if !it.tick {
		o.counts.Duplicates++
	}
}

// catchUp lets on what was early and is in turn by now.
func (o *Order) catchUp(p *producer, i int) {
	st := &p.streams[i]
	n := 0
	for n < len(st.early) && st.early[n].number == st.next {
		it := st.early[n]
		st.early[n] = nil
		n++
		if it.tick {
			st.ticks--
		} else {
			o.held--
		}
		o.turn(p, i, it)
	}
	st.early = slices.Delete(st.early, 0, n)
}

// skip gives up what is missing before the first that is early.
func (o *Order) skip(p *producer, i int) {
	st := &p.streams[i]
	o.counts.Missing += st.early[0].number - st.next
	st.next = st.early[0].number
	o.catchUp(p, i)
}

// turn takes the item that is next in its stream: to the end, or into the second step.
func (o *Order) turn(p *producer, i int, it *item) {
	st := &p.streams[i]
	if it.tick {
		st.mark = max(st.mark, it.order)
		if i == 0 {
			o.due = append(o.due, due{p, it.order})
		}
		return
	}
	st.next++
	switch {
	case len(o.partitions) > 1:
		st.mark = max(st.mark, it.order+1)
		if !it.void {
			st.queue = append(st.queue, it)
			o.held++
		}
	case !it.void:
		o.yield(&it.meta)
	}
}
