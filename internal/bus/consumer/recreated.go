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

// follow makes the group's client use partitions that are added and topics that are
// recreated, until ctx ends.
func (g *Group) follow(ctx context.Context) {
	recreated := make(chan string, len(g.cfg.Topics))
	stop := g.c.Watcher().Subscribe(func(was, now cluster.Topic) {
		if !slices.Contains(g.cfg.Topics, now.Name) {
			return
		}
		if was.Partitions != now.Partitions {
			g.cl.ForceMetadataRefresh()
		}
		if was.Recreated(now) {
			select {
			case recreated <- now.Name:
			default: // the queue has room for every topic, so this one is in it
			}
		}
	})
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case topic := <-recreated:
			g.resubscribe(ctx, topic)
		}
	}
}

// resubscribe unsubscribes from a topic that was deleted, which revokes its partitions, and
// subscribes to the new topic of the same name.
func (g *Group) resubscribe(ctx context.Context, topic string) {
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
	for ctx.Err() == nil && g.stale(topic) { // members may have rejoined with outdated metadata
		select {
		case <-ctx.Done():
		case <-time.After(refreshEvery):
			g.cl.ForceMetadataRefresh()
		}
	}
}

// stale reports whether the client has no metadata of the new topic.
func (g *Group) stale(topic string) bool {
	leader, _, err := g.cl.PartitionLeader(topic, 0)
	return err != nil || leader < 0
}

// refreshEvery is how often the client refreshes its metadata while a topic is missing.
const refreshEvery = 500 * time.Millisecond

// topicNote precedes the topic id in the metadata of each commit.
const topicNote = "topic="

// withTopicIDs adds the ids of the topics to the metadata of commits with this ctx.
func withTopicIDs(ctx context.Context, workers []*worker) context.Context {
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

// staleCommits reports by partition whether the group's committed offset belongs to a
// deleted topic of the same name. An offset committed without a topic id belongs to the
// current topic.
func (g *Group) staleCommits(ctx context.Context) (map[extent.Key]bool, error) {
	commits, err := g.c.Admin().FetchOffsetsForTopics(ctx, g.cfg.Group, g.cfg.Topics...)
	if err != nil {
		return nil, fmt.Errorf("bus: committed offsets of group %s: %w", g.cfg.Group, err)
	}
	stale := map[extent.Key]bool{}
	for topic, partitions := range commits {
		now := g.c.Watcher().Topic(topic).ID
		for p, o := range partitions {
			note, ok := strings.CutPrefix(o.Metadata, topicNote)
			if ok && now != ([16]byte{}) && note != hex.EncodeToString(now[:]) {
				stale[extent.Key{Topic: topic, Partition: p}] = true
			}
		}
	}
	return stale, nil
}
