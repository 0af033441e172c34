package consumer

import (
	"context"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models"
)

// QueuedBytes returns the size of the group's fullest queue.
func QueuedBytes(g *Group) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range g.workers {
		w.mu.Lock()
		n = max(n, w.bytes)
		w.mu.Unlock()
	}
	return n
}

// ReplayOf replays one partition of a topic as at has it, whatever the log has by now.
func ReplayOf(ctx context.Context, c *client.Client, topic string, at *extent.Reading, fn func(*models.Record) error) error {
	r := replay{topic: topic, at: at, queues: map[int32]*replayQueue{0: {}}, fn: fn}
	var err error
	if r.log, err = c.ReadTo("replay", r.at); err != nil {
		return err
	}
	defer r.log.Close()
	return r.run(ctx)
}
