package app

import (
	"context"
	"sync"

	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// finalStatus is the engine's handler that also keeps the counts of lanes when they are
// revoked: at the end of the process they go into its final report.
type finalStatus struct {
	consumer.Handler
	statuses func() []models.PartitionStatus

	mu    sync.Mutex
	known map[int32]models.PartitionStatus
}

func newFinalStatus(h consumer.Handler, statuses func() []models.PartitionStatus) *finalStatus {
	return &finalStatus{Handler: h, statuses: statuses, known: map[int32]models.PartitionStatus{}}
}

// Revoked implements consumer.Handler. The group calls it after the last record of the partition.
func (p *finalStatus) Revoked(ctx context.Context, topic string, partition int32) (int64, error) {
	p.mu.Lock()
	for _, s := range p.statuses() {
		p.known[s.Partition] = s
	}
	p.mu.Unlock()
	return p.Handler.Revoked(ctx, topic, partition)
}

// Passed forwards offsets without records to the engine.
func (p *finalStatus) Passed(topic string, partition int32, from, next int64) {
	if h, ok := p.Handler.(consumer.Passer); ok {
		h.Passed(topic, partition, from, next)
	}
}

// last returns the counts of all lanes that were revoked.
func (p *finalStatus) last() []models.PartitionStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]models.PartitionStatus, 0, len(p.known))
	for _, s := range p.known {
		s.Lag = 0 // a revoked lane has no lag here
		all = append(all, s)
	}
	return all
}
