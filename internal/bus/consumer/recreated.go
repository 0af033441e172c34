package consumer

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/cluster"
	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// follow has the group's client take up partitions that are added and topics that were
// deleted and made anew, until ctx ends.
func (g *Group) follow(ctx context.Context) {
	anew := make(chan string, len(g.cfg.Topics))
	stop := g.c.Watcher().Subscribe(func(was, now cluster.Topic) {
		if !slices.Contains(g.cfg.Topics, now.Name) {
			return
		}
		if was.Partitions != now.Partitions {
			g.cl.ForceMetadataRefresh()
		}
		if was.Recreated(now) {
			select {
			case anew <- now.Name:
			default: // as many wait already as there are topics
			}
		}
	})
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case topic := <-anew:
			g.takeUp(ctx, topic)
		}
	}
}

// takeUp leaves a topic that is gone, which hands over its partitions, and subscribes to
// the one that has its name.
func (g *Group) takeUp(ctx context.Context, topic string) {
	g.mu.Lock()
	var unread int64
	for k, w := range g.workers {
		if k.Topic == topic {
			unread += w.lag(g.ends[k])
		}
	}
	g.mu.Unlock()
	g.c.Metrics().Recreated.WithLabelValues(topic, g.cfg.Group).Inc()
	g.c.Metrics().Lost.WithLabelValues(topic, g.cfg.Group).Add(float64(unread))
	g.log.Error("topic was recreated; unread records of the old one are lost; reading the new one from its beginning",
		vocabulary.EventTopicRecreated.Attr(), "topic", topic, "unread", unread)
	g.cl.PurgeTopicsFromConsuming(topic)
	g.cl.AddConsumeTopics(topic)
	for ctx.Err() == nil && g.stale(topic) { // members may have joined again with what they knew
		select {
		case <-ctx.Done():
		case <-time.After(refreshEvery):
			g.cl.ForceMetadataRefresh()
		}
	}
}

// stale reports whether the client has not met the topic again.
func (g *Group) stale(topic string) bool {
	leader, _, err := g.cl.PartitionLeader(topic, 0)
	return err != nil || leader < 0
}

// refreshEvery is how often the client refreshes its metadata while a topic is missing.
const refreshEvery = 500 * time.Millisecond

// topicNote is in the metadata of each commit: the id of the topic that the offset is of.
const topicNote = "topic="

// noted has the commits of ctx say of which topics they are.
func noted(ctx context.Context, workers []*worker) context.Context {
	notes := map[extent.Key]string{}
	for _, w := range workers {
		if w.id != ([16]byte{}) {
			notes[extent.Key{Topic: w.topic, Partition: w.partition}] = topicNote + hex.EncodeToString(w.id[:])
		}
	}
	return kgo.PreCommitFnContext(ctx, func(req *kmsg.OffsetCommitRequest) error {
		for i := range req.Topics {
			t := &req.Topics[i]
			for j := range t.Partitions {
				if note, ok := notes[extent.Key{Topic: t.Topic, Partition: t.Partitions[j].Partition}]; ok {
					t.Partitions[j].Metadata = &note
				}
			}
		}
		return nil
	})
}

// ofAnother reports by partition whether the group's committed offset is of a topic of the
// same name that is gone. An offset committed without the topic's id is taken to be of
// this one.
func (g *Group) ofAnother(ctx context.Context) (map[extent.Key]bool, error) {
	commits, err := g.c.Admin().FetchOffsetsForTopics(ctx, g.cfg.Group, g.cfg.Topics...)
	if err != nil {
		return nil, fmt.Errorf("bus: committed offsets of group %s: %w", g.cfg.Group, err)
	}
	another := map[extent.Key]bool{}
	for topic, partitions := range commits {
		now := g.c.Watcher().Topic(topic).ID
		for p, o := range partitions {
			note, ok := strings.CutPrefix(o.Metadata, topicNote)
			if ok && now != ([16]byte{}) && note != hex.EncodeToString(now[:]) {
				another[extent.Key{Topic: topic, Partition: p}] = true
			}
		}
	}
	return another, nil
}
