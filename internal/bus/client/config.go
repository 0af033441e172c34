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
	EncodingJSON   = "json"   // one record a packet, for every consumer there is
	EncodingPacked = "packed" // one record a batch of packets (docs/schemas/packets.proto), the fast lane
)

// Topics are the names in use.
type Topics struct {
	Packets, Alerts, Connections, Models, Checkpoints, DeadLetters, Stats, Scores string
}

// DefaultTopics has the names of the contract.
func DefaultTopics() Topics {
	return Topics{
		Packets: models.TopicPackets, Alerts: models.TopicAlerts, Connections: models.TopicConnections, Models: models.TopicModels,
		Checkpoints: models.TopicCheckpoints, DeadLetters: models.TopicDeadLetters, Stats: models.TopicStats, Scores: models.TopicScores,
	}
}

func (t Topics) All() []string {
	return []string{t.Packets, t.Alerts, t.Connections, t.Models, t.Checkpoints, t.DeadLetters, t.Stats, t.Scores}
}

// Config of a Client. DefaultConfig has the defaults.
type Config struct {
	Brokers     []string      // HOST:PORT of any brokers of the cluster
	ClientID    string        // how the brokers name this process in their logs
	DialTimeout time.Duration // how long Dial tries before it gives up
	TLS         TLS
	SASL        SASL

	Topics                Topics
	Partitions            int32         // of packets and checkpoints; other topics have one
	Replication           int16         // -1 = the broker's default
	MinInsyncReplicas     int16         // of topics that are made, 0 = the broker's default
	PacketsRetentionBytes int64         // of the whole topic, before division by partitions
	PacketsRetention      time.Duration // by time of production
	EventsRetentionBytes  int64         // of each other topic
	EventsRetention       time.Duration // alerts, connections, dead letters
	ManageTopics          bool          // set retention of topics that exist already; for a broker that is NetLyra's own

	Encoding         string        // of packets: EncodingJSON or EncodingPacked
	PackedPackets    int           // packets in a record at most, with EncodingPacked
	Compression      string        // of packets in JSON: snappy, lz4, zstd or none
	Linger           time.Duration // how long packets wait for company; 0 doubles the CPU
	MaxBufferedBytes int           // of packets on their way, and the same again for all else

	EngineGroup string        // consumer group whose lag holds producers back, "" = none
	CoreGroup   string        // consumer group whose lag on connections holds them back, "" = none
	StallAfter  time.Duration // after so long without progress an abandoned group no longer does

	InstanceID     string        // of groups that say none: static membership, "" = none
	SessionTimeout time.Duration // of groups that say none: a member silent for so long loses its partitions
}

// DefaultConfig is for one host: one partition, a gigabyte or an hour of packets.
// Partitions is 1 because models are not yet shared between partitions; the hour bounds
// the memory of the embedded broker, which keeps about 100 bytes for each batch.
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

// Validate reports everything that is wrong at once.
func (c *Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("bus: "+format, args...)) }
	if len(c.Brokers) == 0 {
		bad("no brokers: set KAFKA_BROKERS to HOST:PORT[,HOST:PORT…]")
	}
	for _, b := range c.Brokers {
		if _, _, err := net.SplitHostPort(b); err != nil {
			bad("broker %q: want HOST:PORT", b)
		}
	}
	names := c.Topics.All()
	for i, t := range names {
		if t == "" {
			bad("a topic has no name")
		} else if slices.Contains(names[:i], t) {
			bad("two topics are named %q", t)
		}
	}
	if c.Partitions < 1 || c.Partitions > 1024 {
		bad("%d partitions: want 1…1024 (PACKETS_PARTITIONS)", c.Partitions)
	}
	if c.Replication == 0 || c.Replication < -1 {
		bad("replication %d: want 1 or more, or -1 for the broker's default", c.Replication)
	}
	if c.PacketsRetentionBytes < 1<<16 || c.EventsRetentionBytes < 1<<16 || c.PacketsRetention <= 0 || c.EventsRetention <= 0 {
		bad("retention: want at least 64 KiB and a time above zero")
	}
	if c.Encoding != EncodingJSON && c.Encoding != EncodingPacked {
		bad("encoding %q: want json or packed", c.Encoding)
	}
	if c.PackedPackets < 1 || c.PackedPackets > 4096 {
		bad("%d packets in a packed record: want 1…4096", c.PackedPackets)
	}
	if _, err := Codec(c.Compression); err != nil {
		errs = append(errs, err)
	}
	if c.Linger < 0 || c.Linger > time.Second {
		bad("linger %s: want 0…1s", c.Linger)
	}
	if c.MaxBufferedBytes < 1<<16 {
		bad("buffer of %d bytes: want at least 64 KiB", c.MaxBufferedBytes)
	}
	return errors.Join(append(errs, c.TLS.validate(), c.SASL.validate())...)
}
