package client

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Encodings of netlyra.packets.
const (
	EncodingJSON   = "json"   // one record per packet, readable by any consumer
	EncodingPacked = "packed" // many packets per record (docs/schemas/packets.proto), for throughput
)

// Topics are the names of the topics.
type Topics struct {
	Packets, Alerts, Connections, Checkpoints, DeadLetters, Stats, Scores string
}

// DefaultTopics returns the default names.
func DefaultTopics() Topics {
	return Topics{
		Packets: models.TopicPackets, Alerts: models.TopicAlerts, Connections: models.TopicConnections,
		Checkpoints: models.TopicCheckpoints, DeadLetters: models.TopicDeadLetters, Stats: models.TopicStats, Scores: models.TopicScores,
	}
}

// All returns all names.
func (t Topics) All() []string {
	return []string{t.Packets, t.Alerts, t.Connections, t.Checkpoints, t.DeadLetters, t.Stats, t.Scores}
}

// Config configures a Client. DefaultConfig returns the defaults.
type Config struct {
	Brokers     []string      // HOST:PORT of any brokers of the cluster
	ClientID    string        // name of this process in the logs of the brokers
	DialTimeout time.Duration // timeout of Dial and of requests
	TLS         TLS
	SASL        SASL

	Topics                Topics
	Partitions            int32         // of packets and checkpoints; other topics have one
	Replication           int16         // -1: the default of the brokers
	MinInsyncReplicas     int16         // of new topics, 0: the default of the brokers
	PacketsRetentionBytes int64         // of the whole topic, divided by the number of partitions
	PacketsRetention      time.Duration // by timestamp of records
	EventsRetentionBytes  int64         // of each other topic
	EventsRetention       time.Duration // alerts, connections, dead letters
	ManageTopics          bool          // change the retention of existing topics; for the embedded broker

	Encoding         string        // of packets: EncodingJSON or EncodingPacked
	PackedPackets    int           // maximum number of packets in a record, with EncodingPacked
	Compression      string        // of packets in JSON: snappy, lz4, zstd or none
	Linger           time.Duration // delay of packets to fill batches; 0 doubles CPU use
	MaxBufferedBytes int           // buffer for packets, and another of that size for other records

	EngineGroup string        // consumer group whose lag holds producers back, "": none
	CoreGroup   string        // consumer group whose lag on connections holds them back, "": none
	StallAfter  time.Duration // a group without progress for so long no longer holds them back

	InstanceID     string        // default of groups: static membership, "": none
	SessionTimeout time.Duration // default of groups: a member silent for so long loses its partitions
}

// DefaultConfig returns a configuration for one host: one partition, a gigabyte or an hour of
// packets. The hour limits the memory of the embedded broker, which needs about 100 bytes
// for each batch.
func DefaultConfig() Config {
	return Config{
		Brokers:               []string{"127.0.0.1:9092"},
		ClientID:              "netlyra",
		DialTimeout:           5 * time.Second,
		Topics:                DefaultTopics(),
		Partitions:            1,
		Replication:           -1,
		PacketsRetentionBytes: 1 << 30,
		PacketsRetention:      time.Hour,
		EventsRetentionBytes:  256 << 20,
		EventsRetention:       7 * 24 * time.Hour,
		Encoding:              EncodingJSON,
		PackedPackets:         64,
		Compression:           "snappy",
		Linger:                5 * time.Millisecond,
		MaxBufferedBytes:      16 << 20,
		EngineGroup:           "netlyra-engine",
		CoreGroup:             "netlyra-core",
		StallAfter:            15 * time.Second,
		SessionTimeout:        6 * time.Second,
	}
}

// Validate returns all errors at once.
func (c *Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("bus: "+format, args...)) }
	if len(c.Brokers) == 0 {
		bad("no brokers: set KAFKA_BROKERS to HOST:PORT[,HOST:PORT…]")
	}
	for _, b := range c.Brokers {
		if _, _, err := net.SplitHostPort(b); err != nil {
			bad("broker %q must be HOST:PORT", b)
		}
	}
	names := c.Topics.All()
	for i, t := range names {
		if t == "" {
			bad("a topic has no name")
		} else if slices.Contains(names[:i], t) {
			bad("two topics have the name %q", t)
		}
	}
	if c.Partitions < 1 || c.Partitions > 1024 {
		bad("PACKETS_PARTITIONS is %d, must be 1…1024", c.Partitions)
	}
	if c.Replication == 0 || c.Replication < -1 {
		bad("replication is %d, must be 1 or more, or -1 for the default of the brokers", c.Replication)
	}
	if c.PacketsRetentionBytes < 1<<16 || c.EventsRetentionBytes < 1<<16 || c.PacketsRetention <= 0 || c.EventsRetention <= 0 {
		bad("retention must be at least 64 KiB and a time above zero")
	}
	if c.Encoding != EncodingJSON && c.Encoding != EncodingPacked {
		bad("encoding is %q, must be json or packed", c.Encoding)
	}
	if c.PackedPackets < 1 || c.PackedPackets > 4096 {
		bad("packets in a packed record: %d, must be 1…4096", c.PackedPackets)
	}
	if _, err := Codec(c.Compression); err != nil {
		errs = append(errs, err)
	}
	if c.Linger < 0 || c.Linger > time.Second {
		bad("linger is %s, must be 0…1s", c.Linger)
	}
	if c.MaxBufferedBytes < 1<<16 {
		bad("buffer is %d bytes, must be at least 64 KiB", c.MaxBufferedBytes)
	}
	return errors.Join(append(errs, c.TLS.validate(), c.SASL.validate())...)
}
