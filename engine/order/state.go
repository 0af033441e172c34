package order

import (
	"fmt"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// StateVersion is the version of snapshots of AppendState. Restore also reads version 1, with
// a fixed number of partitions and without epochs.
const StateVersion = 2

// maxPartitions bounds the number of partitions in a snapshot.
const maxPartitions = 1 << 16

// AppendState appends a snapshot, including the waiting packets.
func (o *Order) AppendState(dst []byte) []byte {
	c := state.Writer(dst)
	o.fields(c)
	return c.Bytes()
}

// Restore restores a snapshot of this version from the start of b and returns the rest of b.
// The lane and the number of lanes must be the same; there may be more partitions. After an
// error o must not be used.
func (o *Order) Restore(b []byte, version uint64) (rest []byte, err error) {
	o.producers, o.last, o.due, o.held, o.midway = map[uint64]*producer{}, nil, nil, 0, nil
	c := state.Reader(b)
	switch version {
	case 1:
		o.fieldsV1(c)
	case StateVersion:
		o.fields(c)
	default:
		c.Fail(fmt.Errorf("snapshot: version %d of the order, this version of NetLyra reads up to %d", version, StateVersion))
	}
	return c.Bytes(), c.Err()
}

func (o *Order) fields(c *state.Codec) {
	c.Same("lane", uint64(o.lane))
	c.Same("number of lanes", uint64(o.lanes))
	o.base = c.Len(o.base, maxPartitions)
	known := c.Len(o.known, maxPartitions)
	o.known = max(o.known, known)
	n := c.Len(len(o.midway), maxPartitions)
	if c.Reading() {
		o.midway = make([]bool, n)
	}
	for i := range o.midway {
		c.Bool(&o.midway[i])
	}
	o.sums(c)
	list := o.leastRecent()
	for i := range c.Len(len(list), maxProducers) {
		p := &producer{}
		if !c.Reading() {
			p = list[i]
		}
		o.producer(c, p)
	}
	o.dues(c)
}

func (o *Order) sums(c *state.Codec) {
	for _, v := range []*uint64{&o.counts.Duplicates, &o.counts.Missing, &o.counts.Forced, &o.rounds, &o.clock} {
		c.U64(v)
	}
}

func (o *Order) producer(c *state.Codec, p *producer) {
	for _, v := range []*uint64{&p.id, &p.used, &p.round, &p.ranks} {
		c.U64(v)
	}
	for i := range c.Len(len(p.epochs), maxEpochs) {
		if c.Reading() {
			p.epochs = append(p.epochs, &epoch{producer: p})
		}
		o.epochFields(c, p.epochs[i])
	}
	o.producers[p.id] = p
}

func (o *Order) epochFields(c *state.Codec, e *epoch) {
	c.U64((*uint64)(&e.id))
	c.U64(&e.rank)
	c.U64(&e.seen)
	c.Bool(&e.started)
	c.Bool(&e.ended)
	n := c.Len(len(e.streams), maxPartitions)
	if c.Reading() {
		e.parts, e.streams = o.newEpoch(e.producer, e.id).parts, nil
	}
	for i := range n {
		if c.Err() != nil {
			return
		}
		e.streams = extend(e.streams, i)
		c.U64(&e.streams[i].done)
		o.streamFields(c, &e.streams[i])
	}
}

// dues encodes the ticks, each with the ids of its producer and epoch.
func (o *Order) dues(c *state.Codec) {
	for i := range c.Len(len(o.due), maxDues+1) {
		var d due
		var id, epoch uint64
		if !c.Reading() {
			d, id, epoch = o.due[i], o.due[i].epoch.producer.id, uint64(o.due[i].epoch.id)
		}
		c.U64(&id)
		c.U64(&epoch)
		c.U64(&d.order)
		if c.Reading() && !o.restoreDue(c, d, id, models.Epoch(epoch)) {
			return
		}
	}
}

func (o *Order) restoreDue(c *state.Codec, d due, id uint64, epoch models.Epoch) bool {
	p := o.producers[id]
	if p == nil {
		c.Fail(fmt.Errorf("snapshot: tick of unknown producer %x", id))
		return false
	}
	for _, e := range p.epochs {
		if e.id == epoch {
			d.epoch = e
		}
	}
	if d.epoch == nil {
		c.Fail(fmt.Errorf("snapshot: tick of producer %x in an unknown epoch", id))
		return false
	}
	o.due = append(o.due, d)
	return true
}

func (o *Order) streamFields(c *state.Codec, st *stream) {
	c.Bool(&st.started)
	c.U64(&st.next)
	c.U64(&st.mark)
	st.ahead = o.items(c, st.ahead, maxAhead)
	st.queue = o.items(c, st.queue, 2*MaxHeld)
	if c.Reading() {
		for _, it := range st.ahead {
			if it.tick {
				st.ticks++
			} else {
				o.held++
			}
		}
		o.held += len(st.queue)
	}
}
