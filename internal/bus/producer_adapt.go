package bus

import (
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// askAgain is how often the client is told to ask for partitions that the brokers name
// and it does not know yet.
const askAgain = 500 * time.Millisecond

// adapt spreads packets over the partitions that the topic has by now, where there are
// more, or where the topic was deleted and made anew.
func (p *PacketProducer) adapt() {
	topic := p.c.cfg.Topics.Packets
	now := p.c.watcher.Topic(topic)
	p.sending.Lock()
	defer p.sending.Unlock()
	p.room = p.w.Batch(topic) / 2 // sizes are estimates
	anew := p.topic != now.ID
	if !now.Exists || now.Partitions <= p.parts && !anew {
		return
	}
	if p.w.Busy() { // what was taken back goes first, under its old numbers
		return
	}
	if time.Since(p.asked) < askAgain {
		return
	}
	if !p.w.Has(topic, now.Partitions-1) && p.order.next > 0 {
		p.asked = time.Now()
		return
	}
	p.asked = time.Time{}
	p.spread(now.Partitions)
	p.topic = now.ID
	p.c.log.Info("packets are spread over other partitions", "topic", topic, "partitions", now.Partitions, "made_anew", anew, "since", p.order.next)
}

// spread begins a new epoch of the order. The caller holds sending.
func (p *PacketProducer) spread(partitions int32) {
	p.shipThose(endOfTime())
	if p.parts > 1 {
		p.tickNow()
	}
	p.parts = partitions
	p.order.epoch, p.order.in = models.NewEpoch(partitions, p.order.next), make([]uint64, partitions)
	if p.packs != nil {
		p.packs = make([]pack, partitions)
	}
}
