package order

import (
	"fmt"

	"github.com/netlyra/netlyra/engine/internal/state"
)

// fieldsV1 reads a snapshot of version 1: the partitions of the lane, and for each producer one
// stream per partition. The partitions become the base, for producers whose records do not
// state a number.
func (o *Order) fieldsV1(c *state.Codec) {
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
		e := &epoch{producer: p, parts: o.base, rank: 1, started: true, streams: make([]stream, o.base)}
		p.epochs = []*epoch{e}
		for _, v := range []*uint64{&p.id, &p.used, &p.round} {
			c.U64(v)
		}
		for i := range e.streams {
			o.streamFields(c, &e.streams[i])
			e.streams[i].setDoneV1(o.base)
		}
		if c.Err() != nil {
			return
		}
		o.producers[p.id] = p
	}
	o.duesV1(c)
}

func (o *Order) duesV1(c *state.Codec) {
	for range c.Len(0, maxDues+1) {
		var id, order uint64
		c.U64(&id)
		c.U64(&order)
		p := o.producers[id]
		if p == nil {
			c.Fail(fmt.Errorf("snapshot: tick of unknown producer %x", id))
			return
		}
		o.due = append(o.due, due{p.epochs[0], order})
	}
}

// setDoneV1 computes done, which version 1 did not store. With a single partition the places
// were the numbers.
func (st *stream) setDoneV1(partitions int) {
	if partitions == 1 {
		st.mark = st.next
	}
	st.done = st.mark
	if len(st.queue) > 0 {
		st.done = st.queue[0].order
	}
}
