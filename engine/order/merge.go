package order

import (
	"cmp"
	"slices"
)

// settle is the second step: it works off the ticks for which all partitions have come
// far enough, and what can wait no longer.
func (o *Order) settle() {
	for len(o.due) > 0 && (o.due[0].reached() || o.due[0].of.over() || o.passed() || len(o.due) > maxDues || o.held > MaxHeld) {
		if !o.due[0].reached() {
			o.counts.Forced++
		}
		o.force()
	}
	if o.held > MaxHeld { // and no tick in sight
		o.counts.Forced++
		o.Release()
	}
}

// reached reports whether every partition has come as far as the tick.
func (d due) reached() bool {
	for i := range d.of.parts {
		if d.of.reach(i) < d.order {
			return false
		}
	}
	return true
}

// over reports whether the producer has written into every partition since, in a later
// epoch: then all that there is of this one has been read. Where the topic was made anew
// some of it is gone.
func (e *epoch) over() bool {
	for _, later := range e.of.epochs {
		if later.rank > e.rank && later.everywhere() {
			return true
		}
	}
	return false
}

// everywhere reports whether something of the epoch has come in each partition.
func (e *epoch) everywhere() bool {
	for i := range e.parts {
		if e.reach(i) <= e.id.Since() {
			return false
		}
	}
	return true
}

// passed reports whether every partition that the first tick has not reached has been
// read far beyond the place where it should have been: up to a tick of another producer
// that stands maxDue ticks behind it. Then its producer has ended without writing it
// there. A partition that is only read later than the others, for its broker was away
// for however long, does not pass: what is yielded must not depend on that.
func (o *Order) passed() bool {
	if len(o.due) <= maxDue {
		return false
	}
	first := o.due[0]
	for i := range min(first.of.parts, o.known) { // others do not exist, whatever the producer says
		if first.of.reach(i) < first.order && !o.beyond(first.of.of, i) {
			return false
		}
	}
	return true
}

// beyond looks for a tick of somebody else than p that a partition has reached, among a
// few of those that stand maxDue behind the first.
func (o *Order) beyond(p *producer, i int) bool {
	for _, d := range o.due[maxDue:min(len(o.due), maxDue+maxDue/8)] {
		if d.of.of != p && i < d.of.parts && d.of.reach(i) >= d.order {
			return true
		}
	}
	return false
}

// force works off the first tick.
func (o *Order) force() {
	d := o.due[0]
	o.due = o.due[1:]
	o.endBefore(d.of)
	o.emit(d.of.of, d.order)
	d.of.of.round = o.rounds // however long ago its records were read
	if o.rounds++; o.rounds%(maxDue/8) == 0 {
		o.closeSilent()
	}
}

// endBefore ends the epochs that the producer had before e, when the first packets of e
// are worked off. In each partition their records stand before those of e, so what has
// not come by now never will: the topic was made anew in between, or brokers refused it.
func (o *Order) endBefore(e *epoch) {
	if e.begun {
		return
	}
	e.begun = true
	for _, old := range e.of.epochs {
		if old.rank > 0 && old.rank < e.rank {
			o.skipAll(old)
			old.ended = true
		}
	}
	if o.lanes > 1 || o.anyMidway() { // other lanes had the rest, or it was never to be read
		return
	}
	sent, seen, last := e.id.Since(), uint64(0), (*epoch)(nil)
	for _, old := range e.run() {
		if old.id == 0 { // of a producer that does not say how much it had sent
			return
		}
		seen, last = seen+old.seen, old
	}
	if sent > seen {
		o.counts.Missing += sent - seen
		if last != nil {
			last.seen += sent - seen
		}
	}
}

// run is the epochs before e that number the same packets as e does: since its producer
// last began at 0, in their order. What was sent again under numbers of a later epoch
// counts there.
func (e *epoch) run() (list []*epoch) {
	if e.id.Since() == 0 {
		return nil
	}
	first := uint64(0)
	for _, old := range e.of.epochs {
		if old.rank < e.rank && old.id.Since() == 0 {
			first = max(first, old.rank)
		}
	}
	for _, old := range e.of.epochs {
		if old.rank > 0 && old.rank >= first && old.rank < e.rank {
			list = append(list, old)
		}
	}
	slices.SortFunc(list, func(a, b *epoch) int { return cmp.Compare(a.rank, b.rank) })
	return list
}

func (o *Order) anyMidway() bool { return slices.Contains(o.midway, true) }

// closeSilent yields what producers left that have not been heard for so many ticks of
// others that they must have ended without a last tick.
func (o *Order) closeSilent() {
	for _, p := range o.inTurn() {
		if p.waits() && o.rounds-p.round > maxDue && !o.hasDue(p) {
			o.counts.Forced++
			o.emit(p, ^uint64(0))
		}
	}
}

// hasDue reports whether ticks of the producer still wait for their turn.
func (o *Order) hasDue(p *producer) bool {
	return slices.ContainsFunc(o.due, func(d due) bool { return d.of.of == p })
}

func (p *producer) waits() bool {
	for _, e := range p.epochs {
		for i := range e.streams {
			if len(e.streams[i].queue) > 0 {
				return true
			}
		}
	}
	return false
}

// emit yields the producer's packets below a place, by their places. One that stands in
// two epochs is yielded from the first.
func (o *Order) emit(p *producer, below uint64) {
	for {
		e, st := p.lowest(below)
		if st == nil {
			return
		}
		it := st.queue[0]
		st.queue[0] = nil
		st.queue = st.queue[1:]
		o.held--
		o.out(e, st, it.order, &it.meta)
		o.free = append(o.free, it)
	}
}

// lowest is the stream whose next packet has the lowest place of all, nil where none is
// below the one given.
func (p *producer) lowest(below uint64) (of *epoch, first *stream) {
	for _, e := range p.epochs {
		for i := range e.streams {
			st := &e.streams[i]
			if len(st.queue) > 0 && st.queue[0].order < below {
				of, first, below = e, st, st.queue[0].order
			}
		}
	}
	return of, first
}
