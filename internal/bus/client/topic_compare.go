package client

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netlyra/netlyra/internal/obs"
)

// topicState is how a topic is.
type topicState struct {
	detail  kadm.TopicDetail
	configs map[string]string // nil where the brokers do not tell
	brokers int
}

// compare says in which ways a topic is not as it should be. Partitions matter of
// packets only: those of other topics change neither what is read nor its order by key.
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

// comparison is one topic being looked at.
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
		advice += "; partitions cannot be taken away"
	}
	k.warn(advice, "%d partitions, %d configured; what it has is used", have, want)
}

// replicas looks at where the copies are and how many keep up.
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
		k.fail("start the brokers that are down; 'brokers' above names those that do not answer", "no leader for partition %s: it can be neither read nor written", strings.Join(headless, ", "))
	}
	if len(behind) > 0 {
		k.warn("a broker is down or slow; its copies catch up by themselves once it is back", "replicas not in sync in partition %s", strings.Join(behind, ", "))
	}
	reassign := fmt.Sprintf("change it with kafka-reassign-partitions.sh (Redpanda: rpk topic alter-config %s --set replication.factor=N)", k.spec.name)
	switch want := int(k.cfg.Replication); {
	case want > 0 && fewest != want:
		k.warn(reassign+fmt.Sprintf(", or set KAFKA_REPLICATION=%d", fewest), "%d replicas, %d configured", fewest, want)
	case want < 0 && fewest == 1 && k.at.brokers >= 3:
		k.warn(reassign+"; KAFKA_REPLICATION=3 makes new topics so", "one replica on a cluster of %d brokers: what a lost broker had is lost", k.at.brokers)
	}
}

// set is the command that changes a setting of the topic.
func (k *comparison) set(key, value string) string {
	return fmt.Sprintf("kafka-configs.sh --bootstrap-server %s --entity-type topics --entity-name %s --alter --add-config %s=%s (Redpanda: rpk topic alter-config %s --set %s=%s)",
		k.cfg.Brokers[0], k.spec.name, key, value, k.spec.name, key, value)
}

// cleanup: deleting what must be kept, or keeping one record a key where each counts,
// loses data.
func (k *comparison) cleanup() {
	have, want := k.at.configs["cleanup.policy"], *k.spec.configs()["cleanup.policy"]
	if have == "" || have == want {
		return
	}
	why := "records with the same key replace each other"
	if k.spec.compacted {
		why = "engine states are deleted with age"
	}
	k.fail(k.set("cleanup.policy", want), "cleanup.policy is %s, %s is needed: %s", have, want, why)
}

// expect is the spec with the topic's own number of partitions, by which the size of
// packets is divided.
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
		if have == "" || have == want || k.spec.compacted { // what is compacted is not deleted by age or size
			continue
		}
		advice := k.set(s.key, want)
		if s.variable != "" {
			advice += ", or change " + s.variable
		}
		k.warn(advice, "%s is %s, configured is %s", s.key, amount(s.key, have), amount(s.key, want))
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
		k.fail(k.set(key, strconv.Itoa(max(replicas-1, 1))), "%s is %d with %d replicas: nothing can ever be written", key, have, replicas)
	case have > live:
		k.fail("start the brokers that are down", "%d replicas in sync, %s is %d: writing waits", live, key, have)
	case want > 0 && have != want:
		k.warn(k.set(key, strconv.Itoa(want))+", or change KAFKA_MIN_INSYNC_REPLICAS", "%s is %d, %d configured", key, have, want)
	case want == 0 && have == replicas && replicas > 1:
		k.warn(k.set(key, strconv.Itoa(replicas-1)), "%s is %d with as many replicas: one lost broker stops all writing", key, have)
	case want == 0 && have == 1 && replicas >= 3:
		k.warn(k.set(key, "2")+"; KAFKA_MIN_INSYNC_REPLICAS=2 makes new topics so", "%s is 1: a record that one broker alone has counts as written, and is lost with it", key)
	}
}

// leastMessage is the largest batch that a client makes.
const leastMessage = 1000012

func (k *comparison) size() {
	if n, err := strconv.Atoi(k.at.configs["max.message.bytes"]); err == nil && n < leastMessage {
		k.fail(k.set("max.message.bytes", "1048588"), "max.message.bytes is %d: batches of up to %d bytes are refused", n, leastMessage)
	}
}

// amount is a setting for a person: 1073741824 is "1073741824 (1 GiB)".
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
