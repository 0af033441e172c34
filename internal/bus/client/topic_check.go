package client

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// CompareTopics compares every topic with the configuration and returns the differences by
// topic, empty for topics that match. A missing topic has the code DoctorTopicMissing.
func (c *Client) CompareTopics(ctx context.Context) (map[string][]obs.Finding, error) {
	meta, err := c.adm.Metadata(ctx, c.cfg.Topics.All()...)
	if err != nil {
		return nil, fmt.Errorf("bus: list topics: %w", err)
	}
	configs := c.topicConfigs(ctx, slices.Collect(maps.Keys(meta.Topics)))
	out := map[string][]obs.Finding{}
	for _, s := range c.cfg.specs() {
		d, ok := meta.Topics[s.name]
		if !ok || d.Err != nil || len(d.Partitions) == 0 {
			f := obs.Warn("topic "+s.name, "any role of NetLyra creates it at start, if its user may create topics", "%v", ErrNoTopic)
			f.Code = vocabulary.DoctorTopicMissing
			out[s.name] = []obs.Finding{f}
			continue
		}
		out[s.name] = s.compare(&c.cfg, topicState{detail: d, configs: configs[s.name], brokers: len(meta.Brokers)})
	}
	return out, nil
}

// topicConfigs returns the settings by topic, as far as the user may read them.
func (c *Client) topicConfigs(ctx context.Context, topics []string) map[string]map[string]string {
	out := map[string]map[string]string{}
	rs, err := c.adm.DescribeTopicConfigs(ctx, topics...)
	if err != nil {
		c.log.Debug("cannot read the settings of topics", "err", err)
		return out
	}
	for _, r := range rs {
		if r.Err != nil {
			c.log.Debug("cannot read the settings of a topic", "topic", r.Name, "err", r.Err)
			continue
		}
		values := map[string]string{}
		for _, kv := range r.Configs {
			if kv.Value != nil {
				values[kv.Key] = *kv.Value
			}
		}
		out[r.Name] = values
	}
	return out
}

// warnOfTopics logs the differences that CompareTopics finds.
func (c *Client) warnOfTopics(ctx context.Context) {
	found, err := c.CompareTopics(ctx)
	if err != nil {
		c.log.Warn("cannot check the topics", vocabulary.EventTopicsUnchecked.Attr(), "err", err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		for _, f := range found[name] {
			c.log.Warn("topic differs from its configuration", vocabulary.EventTopicDiffers.Attr(), "topic", name, "detail", f.Detail, "hint", f.Advice)
		}
	}
}
