package order

import (
	"cmp"
	"slices"
)

// emitDue is the second step: it processes the ticks that all partitions have reached, and
// those that cannot wait any longer.
func (o *Order) emitDue() {
	for len(o.due) > 0 && (o.due[0].reached() || o.due[0].epoch.superseded() || o.abandoned() || len(o.due) > maxDues || o.held > MaxHeld) {
		if !o.due[0].reached() {
			o.counts.Forced++
		}
		o.emitFirst()
	}
	if o.held > MaxHeld { // there is no tick
		o.counts.Forced++
		o.Release()
	}
}

// reached reports whether every partition has reached the tick.
func (d due) reached() bool {
	for i := range d.epoch.parts {
		if d.epoch.reach(i) < d.order {
			return false
		}
	}
	return true
}

// superseded reports whether every partition has records of a later epoch of the producer: all
// existing records of this epoch have then been read. Some are lost if the topic was
// recreated.
func (e *epoch) superseded() bool {
	for _, later := range e.producer.epochs {
		if later.rank > e.rank && later.inAllPartitions() {
			return true
		}
	}
	return false
}

// inAllPartitions reports whether every partition has had a record of the epoch.
func (e *epoch) inAllPartitions() bool {
	for i := range e.parts {
		if e.reach(i) <= e.id.Since() {
			return false
		}
	}
	return true
}

// abandoned reports whether the first tick will not arrive in the partitions where it is
// missing: each of them has been read up to a tick of another producer that is maxDue ticks
// later. The producer has then stopped without writing the tick there. This does not hold for
// a partition that is read later than the others because its broker was unreachable: the
// result must not depend on that.
func (o *Order) abandoned() bool {
	if len(o.due) <= maxDue {
		return false
	}
	first := o.due[0]
	for i := range min(first.epoch.parts, o.known) { // the record may state more partitions than exist
		if first.epoch.reach(i) < first.order && !o.readBeyond(first.epoch.producer, i) {
			return false
		}
	}
	return true
}

// readBeyond reports whether partition i has reached a tick of another producer than p, among
// some of those that are maxDue after the first.
func (o *Order) readBeyond(p *producer, i int) bool {
	for _, d := range o.due[maxDue:min(len(o.due), maxDue+maxDue/8)] {
		if d.epoch.producer != p && i < d.epoch.parts && d.epoch.reach(i) >= d.order {
			return true
		}
	}
	return false
}

// emitFirst processes the first tick.
func (o *Order) emitFirst() {
	d := o.due[0]
	o.due = o.due[1:]
	o.endEpochsBefore(d.epoch)
	o.emit(d.epoch.producer, d.order)
	d.epoch.producer.round = o.rounds // it is not silent while its ticks are processed
	if o.rounds++; o.rounds%(maxDue/8) == 0 {
		o.closeSilent()
	}
}

// endEpochsBefore ends the earlier epochs of the producer when the first packets of e are
// processed. In each partition their records are before those of e, so that packets that have
// not arrived by now never will: the topic was recreated, or brokers refused them.
func (o *Order) endEpochsBefore(e *epoch) {
	if e.started {
		return
	}
	e.started = true
	for _, old := range e.producer.epochs {
		if old.rank > 0 && old.rank < e.rank {
			o.skipAll(old)
			old.ended = true
		}
	}
	if o.lanes > 1 || o.anyMidway() { // other packets were in other lanes or before the first offset
		return
	}
	sent, seen, last := e.id.Since(), uint64(0), (*epoch)(nil)
	for _, old := range e.predecessors() {
		if old.id == 0 { // records without an epoch do not state how many packets were sent
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

// predecessors returns the epochs before e, in order, that e continues: those since the
// producer last started at place 0. Packets that were sent again in a later epoch count there.
func (e *epoch) predecessors() (list []*epoch) {
	if e.id.Since() == 0 {
		return nil
	}
	first := uint64(0)
	for _, old := range e.producer.epochs {
		if old.rank < e.rank && old.id.Since() == 0 {
			first = max(first, old.rank)
		}
	}
	for _, old := range e.producer.epochs {
		if old.rank > 0 && old.rank >= first && old.rank < e.rank {
			list = append(list, old)
		}
	}
	slices.SortFunc(list, func(a, b *epoch) int { return cmp.Compare(a.rank, b.rank) })
	return list
}

func (o *Order) anyMidway() bool { return slices.Contains(o.midway, true) }

// closeSilent yields the packets of producers that have been silent during maxDue ticks of
// others: they stopped without a final tick.
func (o *Order) closeSilent() {
	for _, p := range o.leastRecent() {
		if p.hasWaiting() && o.rounds-p.round > maxDue && !o.hasDue(p) {
			o.counts.Forced++
			o.emit(p, ^uint64(0))
		}
	}
}

// hasDue reports whether ticks of the producer wait.
func (o *Order) hasDue(p *producer) bool {
	return slices.ContainsFunc(o.due, func(d due) bool { return d.epoch.producer == p })
}

func (p *producer) hasWaiting() bool {
	for _, e := range p.epochs {
		for i := range e.streams {
			if len(e.streams[i].queue) > 0 {
				return true
			}
		}
	}
	return false
}

// emit yields the producer's packets below a place, by place. A packet that is in two epochs
// is yielded from the first.
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

// lowest returns the stream whose next packet has the lowest place, nil if no packet is below
// the given place.
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
