package client

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netlyra/netlyra/internal/obs"
)

// topicOf returns a topic whose partitions have so many replicas and in-sync replicas.
func topicOf(partitions, replicas, insync int) kadm.TopicDetail {
	d := kadm.TopicDetail{Partitions: kadm.PartitionDetails{}}
	for p := range int32(partitions) {
		d.Partitions[p] = kadm.PartitionDetail{Partition: p, Replicas: make([]int32, replicas), ISR: make([]int32, insync)}
	}
	return d
}

func TestTopicsAreCompared(t *testing.T) {
	for _, c := range []struct {
		name                         string
		topic                        string // "" is packets
		change                       func(*Config)
		partitions, replicas, insync int
		brokers                      int
		set                          map[string]string
		status, detail, advice       string // status "" = nothing is found
	}{
		{name: "as configured", partitions: 1, replicas: 1, insync: 1, brokers: 1},
		{name: "too few partitions", change: func(c *Config) { c.Partitions = 4 }, partitions: 3, replicas: 1, insync: 1, brokers: 1,
			status: obs.StatusWarning, detail: "3 partitions, 4 configured", advice: "--partitions 4"},
		{name: "too many partitions", partitions: 3, replicas: 1, insync: 1, brokers: 1,
			status: obs.StatusWarning, detail: "3 partitions, 1 configured", advice: "PACKETS_PARTITIONS=3"},
		{name: "partitions of another topic", topic: "alerts", partitions: 3, replicas: 1, insync: 1, brokers: 1},
		{name: "replication", change: func(c *Config) { c.Replication = 3 }, partitions: 1, replicas: 1, insync: 1, brokers: 3,
			status: obs.StatusWarning, detail: "1 replicas, 3 configured", advice: "kafka-reassign-partitions"},
		{name: "one copy on a cluster", partitions: 1, replicas: 1, insync: 1, brokers: 3,
			status: obs.StatusWarning, detail: "one replica on a cluster of 3", advice: "KAFKA_REPLICATION=3"},
		{name: "out of sync", partitions: 2, replicas: 3, insync: 2, brokers: 3, set: map[string]string{"min.insync.replicas": "2"},
			status: obs.StatusWarning, detail: "partition 0 (2 of 3), 1 (2 of 3)"},
		{name: "too few in sync", partitions: 1, replicas: 3, insync: 1, brokers: 3, set: map[string]string{"min.insync.replicas": "2"},
			status: obs.StatusFailed, detail: "writes wait"},
		{name: "never in sync", partitions: 1, replicas: 1, insync: 1, brokers: 1, set: map[string]string{"min.insync.replicas": "2"},
			status: obs.StatusFailed, detail: "no write can succeed", advice: "min.insync.replicas=1"},
		{name: "no room for a loss", partitions: 1, replicas: 3, insync: 3, brokers: 3, set: map[string]string{"min.insync.replicas": "3"},
			status: obs.StatusWarning, detail: "one lost broker stops", advice: "min.insync.replicas=2"},
		{name: "acknowledged by one", partitions: 1, replicas: 3, insync: 3, brokers: 3, set: map[string]string{"min.insync.replicas": "1"},
			status: obs.StatusWarning, detail: "when one broker has it", advice: "KAFKA_MIN_INSYNC_REPLICAS=2"},
		{name: "another min.insync", change: func(c *Config) { c.MinInsyncReplicas = 2 }, partitions: 1, replicas: 3, insync: 3, brokers: 3, set: map[string]string{"min.insync.replicas": "1"},
			status: obs.StatusWarning, detail: "is 1, 2 configured", advice: "min.insync.replicas=2"},
		{name: "age", partitions: 1, replicas: 1, insync: 1, brokers: 1, set: map[string]string{"retention.ms": "604800000"},
			status: obs.StatusWarning, detail: "604800000 (168h0m0s), 3600000 (1h0m0s) configured", advice: "retention.ms=3600000"},
		{name: "size", partitions: 1, replicas: 1, insync: 1, brokers: 1, set: map[string]string{"retention.bytes": "-1"},
			status: obs.StatusWarning, detail: "-1 (no limit), 1073741824 (1024 MiB) configured", advice: "PACKETS_RETENTION_BYTES"},
		{name: "compacted packets", partitions: 1, replicas: 1, insync: 1, brokers: 1, set: map[string]string{"cleanup.policy": "compact"},
			status: obs.StatusFailed, detail: "replace each other", advice: "cleanup.policy=delete"},
		{name: "deleted checkpoints", topic: "checkpoints", partitions: 1, replicas: 1, insync: 1, brokers: 1, set: map[string]string{"cleanup.policy": "delete"},
			status: obs.StatusFailed, detail: "deleted by age", advice: "cleanup.policy=compact"},
		{name: "small messages", partitions: 1, replicas: 1, insync: 1, brokers: 1, set: map[string]string{"max.message.bytes": "65536"},
			status: obs.StatusFailed, detail: "65536", advice: "max.message.bytes=1048588"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := DefaultConfig()
			if c.change != nil {
				c.change(&cfg)
			}
			spec := specOf(t, &cfg, "netlyra."+strings.TrimPrefix(c.topic, "netlyra."))
			at := topicState{detail: topicOf(c.partitions, c.replicas, c.insync), configs: map[string]string{}, brokers: c.brokers}
			for k, v := range spec.configs() {
				at.configs[k] = *v
			}
			for k, v := range c.set {
				at.configs[k] = v
			}
			found := spec.compare(&cfg, at)
			if c.status == "" {
				if len(found) > 0 {
					t.Errorf("found %+v, want nothing", found)
				}
				return
			}
			for _, f := range found {
				if f.Status == c.status && strings.Contains(f.Detail, c.detail) && strings.Contains(f.Advice, c.advice) && f.Advice != "" {
					return
				}
			}
			t.Errorf("found %+v, want %s: %s, %s", found, c.status, c.detail, c.advice)
		})
	}
}

func specOf(t *testing.T, cfg *Config, topic string) topicSpec {
	t.Helper()
	if topic == "netlyra." {
		topic = cfg.Topics.Packets
	}
	for _, s := range cfg.specs() {
		if s.name == topic {
			return s
		}
	}
	t.Fatalf("no topic %s", topic)
	return topicSpec{}
}

func TestHeadlessPartitionFails(t *testing.T) {
	cfg := DefaultConfig()
	d := topicOf(2, 1, 1)
	p := d.Partitions[1]
	p.Leader = -1
	d.Partitions[1] = p
	spec := specOf(t, &cfg, cfg.Topics.Packets)
	cfg.Partitions = 2
	found := spec.compare(&cfg, topicState{detail: d, brokers: 1})
	if len(found) == 0 || found[0].Status != obs.StatusWarning && found[0].Status != obs.StatusFailed {
		t.Fatalf("found %+v", found)
	}
	for _, f := range found {
		if f.Status == obs.StatusFailed && strings.Contains(f.Detail, "no leader for partition 1") {
			return
		}
	}
	t.Errorf("found %+v", found)
}
