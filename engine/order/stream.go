package order

import (
	"cmp"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
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

// stream is what one producer writes into one partition in one epoch.
type stream struct {
	begun bool
	next  uint64  // number of the packet that is to come
	early []*item // what came before its turn, in order
	ticks int     // of these
	queue []*item // packets in turn, waiting for the other partitions
	mark  uint64  // all with an order below it have come
	done  uint64  // all with an order below it have been yielded
}

// arrive is the first step: it lets on what is in turn and keeps what is early.
func (o *Order) arrive(e *epoch, i int, it *item) {
	st := &e.streams[i]
	switch {
	case it.number < st.next:
		o.duplicate(it)
		return
	case it.number == st.next:
		o.turn(e, i, it)
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
	o.catchUp(e, i)
	for len(st.early) > 0 && (len(st.early) >= maxEarly || st.ticks >= maxEarlyTicks || e.ended) {
		o.skip(e, i)
	}
	o.settle()
}

func (o *Order) duplicate(it *item) {
	if !it.tick {
		o.counts.Duplicates++
	}
}

// catchUp lets on what was early and is in turn by now.
func (o *Order) catchUp(e *epoch, i int) {
	st := &e.streams[i]
	n := 0
	for n < len(st.early) && st.early[n].number <= st.next {
		it := st.early[n]
		st.early[n] = nil
		n++
		if it.tick {
			st.ticks--
		} else {
			o.held--
		}
		o.turn(e, i, it)
	}
	st.early = slices.Delete(st.early, 0, n)
}

// skip gives up what is missing before the first that is early.
func (o *Order) skip(e *epoch, i int) {
	st := &e.streams[i]
	gone := st.early[0].number - st.next
	o.counts.Missing += gone
	e.seen += gone
	st.next = st.early[0].number
	o.catchUp(e, i)
}

// turn takes the item that is next in its stream: to the end, or into the second step.
func (o *Order) turn(e *epoch, i int, it *item) {
	st := &e.streams[i]
	if i == 0 && e.rank == 0 {
		e.of.ranks++
		e.rank = e.of.ranks
	}
	if it.tick {
		st.mark = max(st.mark, it.order)
		if i == 0 {
			o.due = append(o.due, due{e, it.order})
		}
		return
	}
	if e.parts == 1 && e.begun && len(o.due) == 0 {
		m := &it.meta
		if it.void {
			m = nil
		}
		o.pass(e, st, it.order, m)
		o.free = append(o.free, it)
		return
	}
	st.next++
	e.seen++
	st.mark = max(st.mark, it.order+1)
	if !it.void {
		st.queue = append(st.queue, it)
		o.held++
	}
	if e.parts == 1 {
		o.owe(e, it.order+1)
	}
}

// owe makes packets due where they stand in the first partition: behind what stands
// before them there, and is not worked off yet.
func (o *Order) owe(e *epoch, order uint64) {
	if n := len(o.due); n > 0 && o.due[n-1].of == e {
		o.due[n-1].order = max(o.due[n-1].order, order)
		return
	}
	o.due = append(o.due, due{e, order})
}

// out yields a packet, unless another epoch of its producer had it: one that was sent
// again, when the topic had another number of partitions.
func (o *Order) out(e *epoch, st *stream, order uint64, m *models.PacketMeta) {
	if len(e.of.epochs) > 1 && o.had(e, order, m) {
		o.counts.Duplicates++
		return
	}
	st.done = max(st.done, order+1)
	o.yield(m)
}

func (o *Order) had(e *epoch, order uint64, m *models.PacketMeta) bool {
	o.key = wire.AppendKey(o.key[:0], m)
	for _, other := range e.of.epochs {
		if other == e || order < other.id.Since() {
			continue
		}
		i := 0
		if n := other.id.Partitions(); n > 0 {
			i = o.index(wire.PartitionOf(o.key, n))
		} else if o.base > 1 { // whoever does not say how many partitions it has: it wrote into those of the base
			i = o.index(wire.PartitionOf(o.key, o.lane+int32(o.base-1)*o.lanes+1))
		}
		if i >= 0 && i < len(other.streams) && order < other.streams[i].done {
			return true
		}
	}
	return false
}
