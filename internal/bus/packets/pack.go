package packets

import (
	"context"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// pack collects the packets of one partition into one record.
type pack struct {
	enc   wire.PackedEncoder
	since time.Time // wall clock of the first packet: linger, not event time
}

// packedCount is the context key of a record's number of packets.
type packedCount struct{}

type countContext struct {
	context.Context
	n uint64
}

func (c countContext) Value(key any) any {
	if _, ok := key.(packedCount); ok {
		return c.n
	}
	return c.Context.Value(key)
}

var typePacked = []byte(models.ContentTypePacked)

func (p *Producer) pack(m *models.PacketMeta) {
	p.key = wire.AppendKey(p.key[:0], m)
	p.sending.Lock()
	part := wire.PartitionOf(p.key, p.parts)
	b := &p.packs[part]
	if b.enc.Len() == 0 {
		b.since = time.Now()
	}
	b.enc.AppendOrdered(m, p.order.next)
	p.order.next++
	if b.enc.Len() >= p.cfg.PackedPackets || b.enc.Size() >= p.room {
		p.ship(part)
	}
	p.tickIfDue()
	p.sending.Unlock()
}

// ship produces the packed record of a partition. The caller holds sending.
func (p *Producer) ship(part int32) {
	b := &p.packs[part]
	n := uint64(b.enc.Len())
	r := p.record()
	v := wire.AppendSequence(p.arena.grab(b.enc.Size()+256+wire.SequenceSize), p.order.batch(part, b.enc.First(), n))
	v = p.arena.keep(b.enc.AppendTo(v))
	r.Value = v[wire.SequenceSize:]
	r.Partition, r.Headers = part, p.headers(v[:wire.SequenceSize:wire.SequenceSize], typePacked)
	r.Context = countContext{p.ctx, n}
	b.enc.Reset()
	p.produce(r)
}

// flushPacks ships packed records that have waited for half of the linger.
func (p *Producer) flushPacks() {
	wait := max(p.cfg.Linger/2, time.Millisecond)
	tick := time.NewTicker(wait)
	defer tick.Stop()
	for {
		select {
		case <-p.ctx.Done():
			return
		case now := <-tick.C:
			p.shipOlder(now.Add(-wait / 2))
		}
	}
}

// shipOlder ships packed records that were started before a time.
func (p *Producer) shipOlder(than time.Time) {
	p.sending.Lock()
	defer p.sending.Unlock()
	for part := range p.packs {
		if b := &p.packs[part]; b.enc.Len() > 0 && b.since.Before(than) {
			p.ship(int32(part))
		}
	}
}

// shipAll ships all packed records. The caller holds sending.
func (p *Producer) shipAll() {
	for part := range p.packs {
		if p.packs[part].enc.Len() > 0 {
			p.ship(int32(part))
		}
	}
}
