package packets

import (
	"crypto/rand"
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// order numbers the packets of one producer: all of them, and those of each partition.
type order struct {
	producer uint64
	epoch    models.Epoch
	next     uint64   // of all
	in       []uint64 // by partition
	ticked   uint64   // next at the last tick
}

// newOrder begins the order of the producer of that name, which numbers the same
// packets alike each time it runs, or of one that nobody has been before.
func newOrder(name string, partitions int32) order {
	return order{producer: producerID(name), epoch: models.NewEpoch(partitions, 0), in: make([]uint64, partitions)}
}

func producerID(name string) (id uint64) {
	if name != "" {
		h := fnv.New64a()
		h.Write([]byte(name)) // never fails
		id = h.Sum64()
	}
	for id == 0 {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails either
		id = binary.LittleEndian.Uint64(b[:])
	}
	return id
}

// take numbers the next n packets, which go to a partition in one record.
func (o *order) take(partition int32, n uint64) models.Sequence {
	s := o.batch(partition, o.next, n)
	o.next += n
	return s
}

// batch numbers n packets within their partition; their order is given already.
func (o *order) batch(partition int32, first, n uint64) models.Sequence {
	s := models.Sequence{Producer: o.producer, Number: o.in[partition], Order: first, Epoch: o.epoch}
	o.in[partition] += n
	return s
}

// Ticks tell the engine up to where the packets of several partitions are there, so
// that it can put them back into one order: at least every so many packets and so
// often. With one partition there is nothing to tell.
const (
	tickPackets = 4096
	tickEvery   = 20 * time.Millisecond
)

var typeTick = []byte(models.ContentTypeTick)

func (p *Producer) tickOften() {
	t := time.NewTicker(tickEvery)
	defer t.Stop()
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-t.C:
			p.adapt()
			p.tick()
		}
	}
}

func (p *Producer) tick() {
	p.sending.Lock()
	defer p.sending.Unlock()
	if p.parts > 1 {
		p.tickNow()
	}
}

// tickIfDue is called with sending held.
func (p *Producer) tickIfDue() {
	if p.parts > 1 && p.order.next-p.order.ticked >= tickPackets {
		p.tickNow()
	}
}

// tickNow writes a tick into every partition, behind all that was published so far.
func (p *Producer) tickNow() {
	if p.order.next == p.order.ticked {
		return
	}
	p.order.ticked = p.order.next
	p.shipThose(endOfTime())
	for part := range p.parts {
		r := p.record()
		b := p.arena.keep(wire.AppendSequence(p.arena.grab(wire.SequenceSize), p.order.batch(part, p.order.next, 0)))
		r.Partition, r.Headers = part, p.headers(b, typeTick)
		p.produce(r)
	}
}
