package app

import (
	"context"
	"sync"

	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// parting is an engine in its group that remembers what its lanes had counted when they
// were taken from it: at the end of the process that is its last word for the ledger.
type parting struct {
	consumer.Handler
	statuses func() []models.PartitionStatus

	mu    sync.Mutex
	known map[int32]models.PartitionStatus
}

func newParting(h consumer.Handler, statuses func() []models.PartitionStatus) *parting {
	return &parting{Handler: h, statuses: statuses, known: map[int32]models.PartitionStatus{}}
}

// Revoked is called when the last record of the partition has been handled.
func (p *parting) Revoked(ctx context.Context, topic string, partition int32) (int64, error) {
	p.mu.Lock()
	for _, s := range p.statuses() {
		p.known[s.Partition] = s
	}
	p.mu.Unlock()
	return p.Handler.Revoked(ctx, topic, partition)
}

// Passed lets the engine hear of offsets without a record, if it wants to.
func (p *parting) Passed(topic string, partition int32, from, next int64) {
	if h, ok := p.Handler.(consumer.Passer); ok {
		h.Passed(topic, partition, from, next)
	}
}

// last is what was counted in lanes that the process may not have any more.
func (p *parting) last() []models.PartitionStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]models.PartitionStatus, 0, len(p.known))
	for _, s := range p.known {
		s.Lag = 0 // as far as it came
		all = append(all, s)
	}
	return all
}
