// Package bus is the root of the packages that connect NetLyra to Kafka. Only they use
// franz-go. The brokers may be Apache Kafka, Redpanda, or the embedded broker.
//
//	client      connection, security, topics, spans of offsets, generic publishing
//	packets     producer of the packets topic: partitions, numbering, packing, back-pressure
//	consumer    consumer groups, tail, replay
//	checkpoint  states of the engine's lanes on a compacted topic
//	deadletter  records that could not be processed, and their redrive
//	diagnose    findings of netlyra doctor about brokers, topics, groups and checkpoints
//	embedded    the broker inside NetLyra, and its guard
//	cluster     changes of topics while NetLyra runs
//	extent      where a partition can be read to
//	record      Kafka records as models.Record
//	writer      a producer client whose topics may change
//	bustest     shared by the tests of these packages
//
// Imports: {packets consumer checkpoint deadletter diagnose} → client → {cluster extent
// record writer}; diagnose also reads checkpoints and knows the embedded broker.
//
// The packages own the connections and the buffers of records in flight. They own neither
// the contents of records nor a consumer's position: a consumer.Handler reports which
// offsets are safe to commit.
package bus
