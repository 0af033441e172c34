package client

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netlyra/netlyra/internal/obs"
)

// topicState is the current state of a topic.
type topicState struct {
	detail  kadm.TopicDetail
	configs map[string]string // nil if they cannot be read
	brokers int
}

// compare returns the differences of a topic from its configuration. The number of partitions
// matters for packets only: in other topics it changes neither content nor order by key.
func (s *topicSpec) compare(c *Config, at topicState) (found []obs.Finding) {
	k := comparison{spec: s, cfg: c, at: at, check: "topic " + s.name}
	k.partitions()
	k.replicas()
	if at.configs != nil {
		k.cleanup()
		k.retention()
		k.insync()
		k.size()
	}
	return k.found
}

// comparison collects the findings of one topic.
type comparison struct {
	spec  *topicSpec
	cfg   *Config
	at    topicState
	check string
	found []obs.Finding
}

func (k *comparison) warn(advice, format string, args ...any) {
	k.found = append(k.found, obs.Warn(k.check, advice, format, args...))
}

func (k *comparison) fail(advice, format string, args ...any) {
	k.found = append(k.found, obs.Fail(k.check, advice, format, args...))
}

func (k *comparison) partitions() {
	have, want := len(k.at.detail.Partitions), int(k.spec.partitions)
	if k.spec.name != k.cfg.Topics.Packets || have == want {
		return
	}
	advice := fmt.Sprintf("set PACKETS_PARTITIONS=%d", have)
	if have < want {
		advice += fmt.Sprintf(", or add partitions while nothing is captured (sources move to other partitions then): kafka-topics.sh --bootstrap-server %s --alter --topic %s --partitions %d (Redpanda: rpk topic add-partitions %s -n %d)",
			k.cfg.Brokers[0], k.spec.name, want, k.spec.name, want-have)
	} else {
		advice += "; partitions cannot be removed"
	}
	k.warn(advice, "%d partitions, %d configured; the existing ones are used", have, want)
}

// replicas checks the number of replicas and how many are in sync.
func (k *comparison) replicas() {
	fewest, behind, headless := 1<<30, []string{}, []string{}
	for _, p := range k.at.detail.Partitions.Sorted() {
		fewest = min(fewest, len(p.Replicas))
		if p.Leader < 0 {
			headless = append(headless, strconv.Itoa(int(p.Partition)))
		} else if len(p.ISR) < len(p.Replicas) {
			behind = append(behind, fmt.Sprintf("%d (%d of %d)", p.Partition, len(p.ISR), len(p.Replicas)))
		}
	}
	if len(headless) > 0 {
		k.fail("start the brokers that are down; the findings of brokers above name them", "no leader for partition %s: it can be neither read nor written", strings.Join(headless, ", "))
	}
	if len(behind) > 0 {
		k.warn("a broker is down or slow; its replicas catch up automatically when it is back", "replicas not in sync in partition %s", strings.Join(behind, ", "))
	}
	reassign := fmt.Sprintf("change it with kafka-reassign-partitions.sh (Redpanda: rpk topic alter-config %s --set replication.factor=N)", k.spec.name)
	switch want := int(k.cfg.Replication); {
	case want > 0 && fewest != want:
		k.warn(reassign+fmt.Sprintf(", or set KAFKA_REPLICATION=%d", fewest), "%d replicas, %d configured", fewest, want)
	case want < 0 && fewest == 1 && k.at.brokers >= 3:
		k.warn(reassign+"; KAFKA_REPLICATION=3 sets it for new topics", "one replica on a cluster of %d brokers: the loss of a broker loses data", k.at.brokers)
	}
}

// set returns the command that changes a setting of the topic.
func (k *comparison) set(key, value string) string {
	return fmt.Sprintf("kafka-configs.sh --bootstrap-server %s --entity-type topics --entity-name %s --alter --add-config %s=%s (Redpanda: rpk topic alter-config %s --set %s=%s)",
		k.cfg.Brokers[0], k.spec.name, key, value, k.spec.name, key, value)
}

// cleanup checks the cleanup policy: a wrong one loses data.
func (k *comparison) cleanup() {
	have, want := k.at.configs["cleanup.policy"], *k.spec.configs()["cleanup.policy"]
	if have == "" || have == want {
		return
	}
	why := "records with the same key replace each other"
	if k.spec.compacted {
		why = "checkpoints are deleted by age"
	}
	k.fail(k.set("cleanup.policy", want), "cleanup.policy is %s, must be %s: %s", have, want, why)
}

// expect returns the spec for the topic's actual number of partitions, by which the retention
// of packets is divided.
func (k *comparison) expect() *topicSpec {
	cfg, parts := *k.cfg, int32(len(k.at.detail.Partitions))
	if k.spec.name != cfg.Topics.Packets || parts < 1 {
		return k.spec
	}
	cfg.Partitions = parts
	return &cfg.specs()[0]
}

func (k *comparison) retention() {
	settings := []struct{ key, variable string }{{"retention.bytes", ""}, {"retention.ms", ""}}
	if k.spec.name == k.cfg.Topics.Packets {
		settings[0].variable, settings[1].variable = "PACKETS_RETENTION_BYTES (all partitions together)", "PACKETS_RETENTION"
	}
	for _, s := range settings {
		have, want := k.at.configs[s.key], *k.expect().configs()[s.key]
		if have == "" || have == want || k.spec.compacted { // retention does not apply to compacted topics
			continue
		}
		advice := k.set(s.key, want)
		if s.variable != "" {
			advice += ", or change " + s.variable
		}
		k.warn(advice, "%s is %s, %s configured", s.key, amount(s.key, have), amount(s.key, want))
	}
}

func (k *comparison) insync() {
	have, err := strconv.Atoi(k.at.configs["min.insync.replicas"])
	if err != nil || len(k.at.detail.Partitions) == 0 {
		return
	}
	replicas, live := 1<<30, 1<<30
	for _, p := range k.at.detail.Partitions {
		replicas = min(replicas, len(p.Replicas))
		if p.Leader >= 0 {
			live = min(live, len(p.ISR))
		}
	}
	const key = "min.insync.replicas"
	switch want := int(k.cfg.MinInsyncReplicas); {
	case have > replicas:
		k.fail(k.set(key, strconv.Itoa(max(replicas-1, 1))), "%s is %d with %d replicas: no write can succeed", key, have, replicas)
	case have > live:
		k.fail("start the brokers that are down", "%d replicas in sync, %s is %d: writes wait", live, key, have)
	case want > 0 && have != want:
		k.warn(k.set(key, strconv.Itoa(want))+", or change KAFKA_MIN_INSYNC_REPLICAS", "%s is %d, %d configured", key, have, want)
	case want == 0 && have == replicas && replicas > 1:
		k.warn(k.set(key, strconv.Itoa(replicas-1)), "%s is %d with as many replicas: one lost broker stops all writes", key, have)
	case want == 0 && have == 1 && replicas >= 3:
		k.warn(k.set(key, "2")+"; KAFKA_MIN_INSYNC_REPLICAS=2 sets it for new topics", "%s is 1: a record is acknowledged when one broker has it, and lost with that broker", key)
	}
}

// leastMessage is the largest batch that a client sends.
const leastMessage = 1000012

func (k *comparison) size() {
	if n, err := strconv.Atoi(k.at.configs["max.message.bytes"]); err == nil && n < leastMessage {
		k.fail(k.set("max.message.bytes", "1048588"), "max.message.bytes is %d: batches of up to %d bytes are refused", n, leastMessage)
	}
}

// amount formats a setting for people, such as "1073741824 (1024 MiB)".
func amount(key, value string) string {
	n, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil:
		return value
	case n < 0:
		return "-1 (no limit)"
	case strings.HasSuffix(key, ".ms"):
		return fmt.Sprintf("%d (%s)", n, time.Duration(n)*time.Millisecond)
	case n >= 1<<20:
		return fmt.Sprintf("%d (%.4g MiB)", n, float64(n)/(1<<20))
	}
	return value
}
