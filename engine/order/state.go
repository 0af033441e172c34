package order

import (
	"fmt"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
)

// AppendState appends all that decides what is yielded from now on, the packets that
// wait included.
func (o *Order) AppendState(dst []byte) []byte {
	c := state.Writer(dst)
	o.fields(c)
	return c.Bytes()
}

// Restore makes o what the Order of AppendState was, whose partitions must be the same,
// and returns what is left of b. After an error o is of no use.
func (o *Order) Restore(b []byte) (rest []byte, err error) {
	o.producers, o.last, o.due, o.held = map[uint64]*producer{}, nil, nil, 0
	c := state.Reader(b)
	o.fields(c)
	return c.Bytes(), c.Err()
}

func (o *Order) fields(c *state.Codec) {
	c.Same("number of partitions", uint64(len(o.partitions)))
	for i, p := range o.partitions {
		c.Same("partition", uint64(p))
		c.Bool(&o.midway[i])
	}
	for _, v := range []*uint64{&o.counts.Duplicates, &o.counts.Missing, &o.counts.Forced, &o.rounds, &o.clock} {
		c.U64(v)
	}
	list := o.inTurn()
	for i := range c.Len(len(list), maxProducers) {
		p := &producer{streams: make([]stream, len(o.partitions))}
		if !c.Reading() {
			p = list[i]
		}
		c.U64(&p.id)
		c.U64(&p.used)
		c.U64(&p.round)
		for j := range p.streams {
			o.stream(c, &p.streams[j])
		}
		o.producers[p.id] = p
	}
	o.dues(c)
}

func (o *Order) dues(c *state.Codec) {
	for i := range c.Len(len(o.due), maxDues+1) {
		var d due
		var id uint64
		if !c.Reading() {
			d, id = o.due[i], o.due[i].of.id
		}
		c.U64(&id)
		c.U64(&d.order)
		if !c.Reading() {
			continue
		}
		if d.of = o.producers[id]; d.of == nil {
			c.Fail(fmt.Errorf("snapshot: a tick of producer %x, who is not known", id))
			return
		}
		o.due = append(o.due, d)
	}
}

func (o *Order) stream(c *state.Codec, st *stream) {
	c.Bool(&st.begun)
	c.U64(&st.next)
	c.U64(&st.mark)
	st.early = o.items(c, st.early, maxEarly)
	st.queue = o.items(c, st.queue, 2*MaxHeld)
	if c.Reading() {
		for _, it := range st.early {
			if it.tick {
				st.ticks++
			} else {
				o.held++
			}
		}
		o.held += len(st.queue)
	}
}

// items are places and kinds, then the packets in packed batches.
func (o *Order) items(c *state.Codec, list []*item, most int) []*item {
	n := c.Len(len(list), most)
	if c.Reading() {
		list = nil
	}
	for i := range n {
		it := new(item)
		if !c.Reading() {
			it = list[i]
		} else {
			list = append(list, it)
		}
		c.U64(&it.number)
		c.U64(&it.order)
		c.Bool(&it.tick)
		c.Bool(&it.void)
		if c.Err() != nil {
			return nil
		}
	}
	packets(c, list)
	return list
}

// batchPackets is how many packets one batch of a snapshot has.
const (
	batchPackets = 4096
	batchBytes   = 1 << 20
)

// packets writes or fills in the packets of those items that have one.
func packets(c *state.Codec, list []*item) {
	var with []*item
	for _, it := range list {
		if !it.tick && !it.void {
			with = append(with, it)
		}
	}
	for len(with) > 0 && c.Err() == nil {
		part := with[:min(batchPackets, len(with))]
		with = with[len(part):]
		if !c.Reading() {
			var e models.PackedEncoder
			for _, it := range part {
				e.Append(&it.meta)
			}
			b := e.AppendTo(nil)
			c.Text(&b, batchBytes)
			continue
		}
		unpack(c, part)
	}
}

func unpack(c *state.Codec, part []*item) {
	var b []byte
	c.Text(&b, batchBytes)
	n := 0
	err := models.DecodePacked(b, func(m *models.PacketMeta) error {
		if n < len(part) {
			part[n].meta = *m
		}
		n++
		return nil
	})
	switch {
	case c.Err() != nil:
	case err != nil:
		c.Fail(fmt.Errorf("snapshot: waiting packets: %w", err))
	case n != len(part):
		c.Fail(fmt.Errorf("snapshot: %d waiting packets where %d are wanted", n, len(part)))
	}
}
