package packets

import (
	"time"

	"github.com/netlyra/netlyra/internal/bus/cluster"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// askAgain is how often the client is told to ask for partitions that the brokers name
// and it does not know yet.
const askAgain = 500 * time.Millisecond

// adapt spreads packets over the partitions that the topic has by now, where there are
// more. A topic that was deleted and made anew is seen to by reopened.
func (p *Producer) adapt() {
	topic := p.topicName
	now := p.c.Watcher().Topic(topic)
	p.sending.Lock()
	defer p.sending.Unlock()
	p.room = p.w.Batch(topic) / 2 // sizes are estimates
	if !now.Exists || now.ID != p.topic || now.Partitions <= p.parts || p.w.Busy() || time.Since(p.asked) < askAgain {
		return
	}
	if p.order.next > 0 && !p.w.Has(topic, now.Partitions-1) {
		p.asked = time.Now()
		return
	}
	p.asked = time.Time{}
	p.shipThose(endOfTime())
	if p.parts > 1 {
		p.tickNow()
	}
	p.spread(now)
}

// spread begins a new epoch of the order, over the partitions of the topic. The caller
// holds sending, and has shipped all that is numbered.
func (p *Producer) spread(now cluster.Topic) {
	recreated := p.topic != now.ID
	p.parts, p.topic = now.Partitions, now.ID
	p.order.epoch, p.order.in = models.NewEpoch(now.Partitions, p.order.next), make([]uint64, now.Partitions)
	if p.packs != nil {
		p.packs = make([]pack, now.Partitions)
	}
	p.c.Log().Info("packets topic has another number of partitions", vocabulary.EventPartitionsChanged.Attr(),
		"topic", now.Name, "partitions", now.Partitions, "recreated", recreated, "first_packet", p.order.next)
}
