package packets

import (
	"time"

	"github.com/netlyra/netlyra/internal/bus/cluster"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// askAgain is the least interval between metadata refreshes for partitions that were added
// and that the client does not have yet.
const askAgain = 500 * time.Millisecond

// adapt distributes packets over the topic's current partitions when some were added.
// reopened handles a recreated topic.
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
	p.shipAll()
	if p.parts > 1 {
		p.tickNow()
	}
	p.spread(now)
}

// spread starts a new epoch over the current partitions of the topic. The caller holds
// sending, and has shipped everything that is numbered.
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
