package app

import (
	"context"
	"sync"

	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// recording is the recorder's handler that also keeps its positions, because the group
// forgets them when partitions are revoked, before the final report.
type recording struct {
	consumer.Handler
	mu   sync.Mutex
	done map[recordedPartition]int64
}

type recordedPartition struct {
	topic     string
	partition int32
}

func newRecording(h consumer.Handler) *recording {
	return &recording{Handler: h, done: map[recordedPartition]int64{}}
}

// Records implements bus.Handler. It returns when the records are stored.
func (r *recording) Records(ctx context.Context, topic string, partition int32, recs []models.Record) (int64, error) {
	safe, err := r.Handler.Records(ctx, topic, partition, recs)
	if err == nil && len(recs) > 0 {
		r.mu.Lock()
		r.done[recordedPartition{topic, partition}] = recs[len(recs)-1].Offset + 1
		r.mu.Unlock()
	}
	return safe, err
}

// last returns the last position in every partition that was ever assigned. The end
// offset is unknown (-1).
func (r *recording) last() []models.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]models.Progress, 0, len(r.done))
	for k, done := range r.done {
		all = append(all, models.Progress{Topic: k.topic, Partition: k.partition, Done: done, End: -1})
	}
	return all
}

// recorded returns the recorder's position in its assigned partitions.
func (c *core) recorded() []models.Progress {
	var all []models.Progress
	for topic, partitions := range c.recorder.Positions() {
		lag := c.recorder.PartitionLag(topic)
		for p, done := range partitions {
			all = append(all, models.Progress{Topic: topic, Partition: p, Done: done, End: done + lag[p]})
		}
	}
	return all
}
