package order

import (
	"fmt"

	"github.com/netlyra/netlyra/engine/internal/state"
)

// oldFields reads a snapshot of version 1: the partitions of the lane one by one, and for
// each producer one stream in each of them. They become the base, in which producers
// wrote that did not say how many partitions there were.
func (o *Order) oldFields(c *state.Codec) {
	var n uint64
	if c.U64(&n); n > maxPartitions {
		c.Fail(fmt.Errorf("snapshot: %d partitions", n))
		return
	}
	o.base = int(n)
	o.known = max(o.known, o.base)
	o.midway = make([]bool, o.base)
	for i := range o.midway {
		c.Same("partition", uint64(o.lane+int32(i)*o.lanes))
		c.Bool(&o.midway[i])
	}
	o.sums(c)
	for range c.Len(0, maxProducers) {
		p := &producer{ranks: 1}
		e := &epoch{of: p, parts: o.base, rank: 1, begun: true, streams: make([]stream, o.base)}
		p.epochs = []*epoch{e}
		for _, v := range []*uint64{&p.id, &p.used, &p.round} {
			c.U64(v)
		}
		for i := range e.streams {
			o.streamFields(c, &e.streams[i])
			e.streams[i].oldDone(o.base)
		}
		if c.Err() != nil {
			return
		}
		o.producers[p.id] = p
	}
	o.oldDues(c)
}

func (o *Order) oldDues(c *state.Codec) {
	for range c.Len(0, maxDues+1) {
		var id, order uint64
		c.U64(&id)
		c.U64(&order)
		p := o.producers[id]
		if p == nil {
			c.Fail(fmt.Errorf("snapshot: a tick of producer %x, who is not known", id))
			return
		}
		o.due = append(o.due, due{p.epochs[0], order})
	}
}

// oldDone works out what version 1 did not keep: up to where the stream's packets have
// been yielded. In one partition alone their places were their numbers.
func (st *stream) oldDone(partitions int) {
	if partitions == 1 {
		st.mark = st.next
	}
	st.done = st.mark
	if len(st.queue) > 0 {
		st.done = st.queue[0].order
	}
}
