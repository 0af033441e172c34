package order

import (
	"cmp"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// item is a waiting packet, tick, or packet that could not be read (void).
type item struct {
	number, order uint64
	tick, void    bool
	meta          models.PacketMeta
}

// item returns a new or reused item.
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

// before compares items of a stream: a tick is before the packet with its number.
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

// stream is the state of one producer in one partition in one epoch.
type stream struct {
	started bool
	next    uint64  // number of the next packet
	ahead   []*item // items that arrived before their predecessors, in order
	ticks   int     // number of ticks in ahead
	queue   []*item // packets that wait for other partitions
	mark    uint64  // all packets with a lower place have arrived
	done    uint64  // all packets with a lower place have been yielded
}

// arrive is the first step: it accepts items in sequence and keeps those that are ahead.
func (o *Order) arrive(e *epoch, i int, it *item) {
	st := &e.streams[i]
	switch {
	case it.number < st.next:
		o.duplicate(it)
		return
	case it.number == st.next:
		o.accept(e, i, it)
	default:
		at, there := slices.BinarySearchFunc(st.ahead, it, (*item).before)
		if there {
			o.duplicate(it)
			return
		}
		st.ahead = slices.Insert(st.ahead, at, it)
		if it.tick {
			st.ticks++
		} else {
			o.held++
		}
	}
	o.drain(e, i)
	for len(st.ahead) > 0 && (len(st.ahead) >= maxAhead || st.ticks >= maxAheadTicks || e.ended) {
		o.skip(e, i)
	}
	o.emitDue()
}

func (o *Order) duplicate(it *item) {
	if !it.tick {
		o.counts.Duplicates++
	}
}

// drain accepts the items that are no longer ahead.
func (o *Order) drain(e *epoch, i int) {
	st := &e.streams[i]
	n := 0
	for n < len(st.ahead) && st.ahead[n].number <= st.next {
		it := st.ahead[n]
		st.ahead[n] = nil
		n++
		if it.tick {
			st.ticks--
		} else {
			o.held--
		}
		o.accept(e, i, it)
	}
	st.ahead = slices.Delete(st.ahead, 0, n)
}

// skip counts the packets before the first item of ahead as missing.
func (o *Order) skip(e *epoch, i int) {
	st := &e.streams[i]
	missing := st.ahead[0].number - st.next
	o.counts.Missing += missing
	e.seen += missing
	st.next = st.ahead[0].number
	o.drain(e, i)
}

// accept processes the next item of its stream: it yields it or passes it to the second step.
func (o *Order) accept(e *epoch, i int, it *item) {
	st := &e.streams[i]
	if i == 0 && e.rank == 0 {
		e.producer.ranks++
		e.rank = e.producer.ranks
	}
	if it.tick {
		st.mark = max(st.mark, it.order)
		if i == 0 {
			o.due = append(o.due, due{e, it.order})
		}
		return
	}
	if e.parts == 1 && e.started && len(o.due) == 0 {
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
		o.addDue(e, it.order+1)
	}
}

// addDue makes packets below a place due at their position in the first partition, after the
// ticks and packets before them that wait.
func (o *Order) addDue(e *epoch, order uint64) {
	if n := len(o.due); n > 0 && o.due[n-1].epoch == e {
		o.due[n-1].order = max(o.due[n-1].order, order)
		return
	}
	o.due = append(o.due, due{e, order})
}

// out yields a packet unless it was yielded in another epoch of its producer: packets are sent
// again by a restarted producer, which may see another number of partitions.
func (o *Order) out(e *epoch, st *stream, order uint64, m *models.PacketMeta) {
	if len(e.producer.epochs) > 1 && o.yieldedElsewhere(e, order, m) {
		o.counts.Duplicates++
		return
	}
	st.done = max(st.done, order+1)
	o.yield(m)
}

func (o *Order) yieldedElsewhere(e *epoch, order uint64, m *models.PacketMeta) bool {
	o.key = wire.AppendKey(o.key[:0], m)
	for _, other := range e.producer.epochs {
		if other == e || order < other.id.Since() {
			continue
		}
		i := 0
		if n := other.id.Partitions(); n > 0 {
			i = o.index(wire.PartitionOf(o.key, n))
		} else if o.base > 1 { // an epoch that does not state its partitions has those of the base
			i = o.index(wire.PartitionOf(o.key, o.lane+int32(o.base-1)*o.lanes+1))
		}
		if i >= 0 && i < len(other.streams) && order < other.streams[i].done {
			return true
		}
	}
	return false
}
