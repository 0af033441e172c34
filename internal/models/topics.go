package models

// Default topic names. The first two can be renamed by configuration
// (KAFKA_TOPIC_PACKETS, KAFKA_TOPIC_ALERTS); package config carries the names in use.
const (
	TopicPackets     = "netlyra.packets"      // PacketMeta, keyed by the originator's address (wire.AppendKey)
	TopicAlerts      = "netlyra.alerts"       // Alert, keyed by its id
	TopicConnections = "netlyra.connections"  // Connection, keyed by its id
	TopicCheckpoints = "netlyra.checkpoints"  // engine state, compacted
	TopicDeadLetters = "netlyra.dead-letters" // records that could not be processed, with the reason
	TopicStats       = "netlyra.stats"        // InstanceStats of each process, ten times a second
	TopicScores      = "netlyra.scores"       // ScoreBatch: samples of scored packets for live views
)

// Record headers.
const (
	HeaderContentType = "content-type"
	HeaderSequence    = "netlyra-seq" // packets: see Sequence
	HeaderReason      = "reason"      // dead letters: why the record could not be processed
	HeaderTopic       = "topic"       // dead letters: where it came from
	HeaderPartition   = "partition"   // dead letters: decimal
	HeaderOffset      = "offset"      // dead letters: decimal
)

// Content types of record values. A record without the header is JSON.
const (
	ContentTypeJSON   = "application/json"
	ContentTypePacked = "application/vnd.netlyra.packets+protobuf"
	ContentTypeTick   = "application/vnd.netlyra.tick" // no value: see Sequence
)

// Record is one record of a topic as the consuming stages see it. The bus owns Key and
// Value; they are valid until the handler returns.
type Record struct {
	Topic       string
	Partition   int32
	Offset      int64
	Gap         int64  // offsets directly before it without a record: transaction markers, aborted or compacted records
	Timestamp   int64  // broker or producer time, nanoseconds since the Unix epoch; never event time
	ContentType string // value of HeaderContentType, "" if absent
	Sequence    Sequence
	Unreadable  string      // why it has no value: what stands there the bus itself could not read; else ""
	Redriven    int         // number of redrives from the dead letters
	Letter      *DeadLetter // of a Tail of dead letters, else nil
	Key         []byte
	Value       []byte
}
