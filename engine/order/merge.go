package order

import "slices"

// settle is the second step: it works off the ticks for which all partitions have come
// far enough, and what can wait no longer.
func (o *Order) settle() {
	for len(o.due) > 0 && (o.due[0].reached() || o.passed() || len(o.due) > maxDues || o.held > MaxHeld) {
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
	for i := range d.of.streams {
		if d.of.streams[i].mark < d.order {
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
	for i := range first.of.streams {
		if first.of.streams[i].mark < first.order && !o.beyond(first.of, i) {
			return false
		}
	}
	return true
}

// beyond looks for a tick of somebody else than p that a partition has reached, among a
// few of those that stand maxDue behind the first.
func (o *Order) beyond(p *producer, i int) bool {
	for _, d := range o.due[maxDue:min(len(o.due), maxDue+maxDue/8)] {
		if d.of != p && d.of.streams[i].mark >= d.order {
			return true
		}
	}
	return false
}

// force works off the first tick.
func (o *Order) force() {
	d := o.due[0]
	o.due = o.due[1:]
	o.emit(d.of, d.order)
	d.of.round = o.rounds // however long ago its records were read
	if o.rounds++; o.rounds%(maxDue/8) == 0 {
		o.closeSilent()
	}
}

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
	return slices.ContainsFunc(o.due, func(d due) bool { return d.of == p })
}

func (p *producer) waits() bool {
	for i := range p.streams {
		if len(p.streams[i].queue) > 0 {
			return true
		}
	}
	return false
}

// emit yields the producer's packets below a place, by their places.
func (o *Order) emit(p *producer, below uint64) {
	for {
		first := -1
		for i := range p.streams {
			q := p.streams[i].queue
			if len(q) > 0 && q[0].order < below && (first < 0 || q[0].order < p.streams[first].queue[0].order) {
				first = i
			}
		}
		if first < 0 {
			return
		}
		st := &p.streams[first]
		it := st.queue[0]
		st.queue[0] = nil
		st.queue = st.queue[1:]
		o.held--
		o.yield(&it.meta)
		o.free = append(o.free, it)
	}
}
