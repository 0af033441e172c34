package packets

import (
	"crypto/rand"
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// order numbers the packets of one producer, in total and within each partition.
type order struct {
	producer uint64
	epoch    models.Epoch
	next     uint64   // total
	in       []uint64 // by partition
	ticked   uint64   // next at the last tick
}

// newOrder returns the order of a producer. One with a name gives the same packets the same
// numbers in each run; without a name its id is random.
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

// take numbers the next n packets, which one record carries to a partition.
func (o *order) take(partition int32, n uint64) models.Sequence {
	s := o.batch(partition, o.next, n)
	o.next += n
	return s
}

// batch numbers n packets within their partition; first is the place of the first in the
// producer's order.
func (o *order) batch(partition int32, first, n uint64) models.Sequence {
	s := models.Sequence{Producer: o.producer, Number: o.in[partition], Order: first, Epoch: o.epoch}
	o.in[partition] += n
	return s
}

// A tick tells the engine that a partition contains all packets up to a place in the
// producer's order, so that it can merge partitions. Ticks are sent at least every
// tickPackets packets and every tickEvery, unless there is only one partition.
const (
	tickPackets = 4096
	tickEvery   = 20 * time.Millisecond
)

var typeTick = []byte(models.ContentTypeTick)

func (p *Producer) tickLoop() {
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

// tickIfDue is tickNow if enough packets were published since. The caller holds sending.
func (p *Producer) tickIfDue() {
	if p.parts > 1 && p.order.next-p.order.ticked >= tickPackets {
		p.tickNow()
	}
}

// tickNow sends a tick to every partition, after everything published so far. The caller
// holds sending.
func (p *Producer) tickNow() {
	if p.order.next == p.order.ticked {
		return
	}
	p.order.ticked = p.order.next
	p.shipAll()
	for part := range p.parts {
		r := p.record()
		b := p.arena.keep(wire.AppendSequence(p.arena.grab(wire.SequenceSize), p.order.batch(part, p.order.next, 0)))
		r.Partition, r.Headers = part, p.headers(b, typeTick)
		p.produce(r)
	}
}
