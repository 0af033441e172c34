package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// topicSpec is the configuration of a topic.
type topicSpec struct {
	name       string
	partitions int32
	bytes      int64 // of each partition, -1: no limit
	age        time.Duration
	compacted  bool
	insync     int16 // min.insync.replicas, 0: the default of the brokers
}

func (c *Config) specs() []topicSpec {
	t := &c.Topics
	event := func(name string) topicSpec {
		return topicSpec{name: name, partitions: 1, bytes: c.EventsRetentionBytes, age: c.EventsRetention}
	}
	live := func(name string) topicSpec { // needed for seconds only
		return topicSpec{name: name, partitions: 1, bytes: min(c.EventsRetentionBytes, 16<<20), age: min(c.EventsRetention, 2*time.Minute)}
	}
	specs := []topicSpec{
		{name: t.Packets, partitions: c.Partitions, bytes: max(c.PacketsRetentionBytes/int64(c.Partitions), 1<<16), age: c.PacketsRetention},
		event(t.Alerts), event(t.Connections), event(t.DeadLetters),
		live(t.Stats), live(t.Scores),
		{name: t.Checkpoints, partitions: c.Partitions, bytes: -1, age: -1, compacted: true},
	}
	for i := range specs {
		specs[i].insync = c.MinInsyncReplicas
	}
	return specs
}

// compactedSegment is about a minute of checkpoints, in bytes.
const compactedSegment = 64 << 20

// configs returns the topic's settings. Retention is always explicit, because the defaults of
// brokers range from none to a week.
func (s *topicSpec) configs() map[string]*string {
	policy, age := "delete", "-1"
	if s.compacted {
		policy = "compact"
	}
	if s.age >= 0 {
		age = strconv.FormatInt(s.age.Milliseconds(), 10)
	}
	bytes := strconv.FormatInt(s.bytes, 10)
	configs := map[string]*string{"cleanup.policy": &policy, "retention.bytes": &bytes, "retention.ms": &age}
	if s.insync > 0 {
		insync := strconv.Itoa(int(s.insync))
		configs["min.insync.replicas"] = &insync
	}
	if s.compacted { // brokers compact closed segments only, which are 1 GiB by default
		segment := strconv.Itoa(compactedSegment)
		configs["segment.bytes"] = &segment
	}
	if s.bytes > 0 { // brokers remove whole segments, so they must be small compared with the limit
		segment := strconv.FormatInt(min(max(s.bytes/8, 1<<20), 128<<20), 10)
		configs["segment.bytes"] = &segment
	}
	return configs
}

// EnsureTopics creates missing topics and compares the others with the configuration.
// Differences are logged with advice and remain: adding partitions would move sources to
// other partitions. With Config.ManageTopics it sets the retention of existing topics.
func (c *Client) EnsureTopics(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 4*c.cfg.DialTimeout)
	defer cancel()
	var have kadm.TopicDetails
	err := c.Retry(ctx, func() (err error) {
		have, err = c.listTopics(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, s := range c.cfg.specs() {
		d, ok := have[s.name]
		switch {
		case ok && d.Err == nil && len(d.Partitions) > 0:
			if c.cfg.ManageTopics {
				err = c.Retry(ctx, func() error { return c.manageTopic(ctx, s) })
			}
		case ok && d.Err != nil && !errors.Is(d.Err, kerr.UnknownTopicOrPartition):
			err = fmt.Errorf("bus: topic %s: %w", s.name, d.Err)
		default:
			err = c.Retry(ctx, func() error { return c.createTopic(ctx, s) })
		}
		if err != nil {
			return err
		}
	}
	if err := c.awaitTopics(ctx); err != nil {
		return err
	}
	c.warnOfTopics(ctx)
	if err := c.Retry(ctx, func() error { return c.watcher.Poll(ctx) }); err != nil {
		return fmt.Errorf("bus: topics: %w", err)
	}
	return nil
}

// listTopics lists the topics from the brokers instead of the client's cache, in which a new
// topic may still be missing.
func (c *Client) listTopics(ctx context.Context) (kadm.TopicDetails, error) {
	have, err := c.adm.ListTopics(kadm.WithAuthorizedOps(ctx), c.cfg.Topics.All()...)
	if err != nil {
		return nil, fmt.Errorf("bus: list topics: %w", err)
	}
	return have, nil
}

// awaitTopics returns when the leaders of every topic answer: clusters create topics
// asynchronously, and brokers learn of them one after the other.
func (c *Client) awaitTopics(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		have, err := c.listTopics(ctx)
		missing := ""
		for _, name := range c.cfg.Topics.All() {
			if d, ok := have[name]; !ok || d.Err != nil || len(d.Partitions) == 0 || d.Partitions[0].Leader < 0 {
				missing = name
			}
		}
		if err == nil && missing == "" {
			if _, err = c.SpansOnce(ctx, c.cfg.Topics.All()...); err == nil {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			if missing == "" {
				return fmt.Errorf("bus: topics are not ready: %w", errors.Join(ctx.Err(), err))
			}
			return fmt.Errorf("bus: topic %s has no leader: %w", missing, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

func (c *Client) createTopic(ctx context.Context, s topicSpec) error {
	r, err := c.adm.CreateTopic(ctx, s.partitions, c.cfg.Replication, s.configs(), s.name)
	if err == nil {
		err = r.Err
	}
	switch {
	case errors.Is(err, kerr.TopicAlreadyExists): // another process has created it
		return nil
	case errors.Is(err, kerr.InvalidReplicationFactor):
		return fmt.Errorf("bus: topic %s: %w: replication %d, but the cluster has fewer brokers", s.name, err, c.cfg.Replication)
	case err != nil:
		return fmt.Errorf("bus: create topic %s: %w; create it manually or grant this user the right to", s.name, err)
	}
	c.log.Debug("topic created", "topic", s.name, "partitions", s.partitions)
	return nil
}

// manageTopic sets the retention of an existing topic.
func (c *Client) manageTopic(ctx context.Context, s topicSpec) error {
	var alter []kadm.AlterConfig
	for k, v := range s.configs() {
		alter = append(alter, kadm.AlterConfig{Op: kadm.SetConfig, Name: k, Value: v})
	}
	rs, err := c.adm.AlterTopicConfigs(ctx, alter, s.name)
	if err == nil {
		_, err = rs.On(s.name, func(r *kadm.AlterConfigsResponse) error { return r.Err })
	}
	if err != nil {
		return fmt.Errorf("bus: set retention of topic %s: %w", s.name, err)
	}
	return nil
}

// ErrNoTopic means that a topic does not exist.
var ErrNoTopic = errors.New("does not exist")

// Partitions returns the number of partitions of a topic; ErrNoTopic if it does not exist.
func (c *Client) Partitions(ctx context.Context, topic string) (int32, error) {
	var have kadm.TopicDetails
	err := c.Retry(ctx, func() (err error) {
		have, err = c.adm.ListTopics(ctx, topic)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("bus: topic %s: %w", topic, err)
	}
	d, ok := have[topic]
	if !ok || d.Err != nil || len(d.Partitions) == 0 {
		return 0, fmt.Errorf("bus: topic %s %w: start a role of NetLyra that creates topics, or create it manually", topic, ErrNoTopic)
	}
	return int32(len(d.Partitions)), nil
}

// PacketPartitions returns the number of partitions of the packets topic.
func (c *Client) PacketPartitions(ctx context.Context) (int32, error) {
	return c.Partitions(ctx, c.cfg.Topics.Packets)
}

// PacketTopicID returns the id of the current packets topic, zero if unknown or if the brokers
// have no topic ids.
func (c *Client) PacketTopicID() [16]byte { return c.watcher.Topic(c.cfg.Topics.Packets).ID }
