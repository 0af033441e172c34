package order

// settle is the second step: it works off the ticks for which all partitions have come
// far enough, and what can wait no longer.
func (o *Order) settle() {
	for len(o.due) > 0 && (o.due[0].reached() || len(o.due) > maxDue || o.held > MaxHeld) {
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

// force works off the first tick.
func (o *Order) force() {
	d := o.due[0]
	o.due = o.due[1:]
	o.emit(d.of, d.order)
	if o.rounds++; o.rounds%(maxDue/8) == 0 {
		o.closeSilent()
	}
}

// closeSilent yields what producers left that have not been heard for so many ticks of
// others that they must have ended without a last tick.
func (o *Order) closeSilent() {
	for _, p := range o.inTurn() {
		if p.waits() && o.rounds-p.round > maxDue {
			o.counts.Forced++
			o.emit(p, ^uint64(0))
		}
	}
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
