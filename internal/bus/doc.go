// Package bus is NetLyra's way onto the log: topics, producers, consumer groups,
// checkpoints. It is the only package that knows franz-go; the broker may be
// Redpanda, Apache Kafka or package bus/embedded, it is the same code.
//
// Owns: the connections to the brokers and the buffers of records on their way.
// It does not own what is in the records, nor the position of a consumer: the
// Handler says which offsets are safe to commit.
//
// Ordering: the records of one partition are handed over in offset order, one call
// at a time; partitions run in parallel, each on a goroutine of its own. All packets
// with the same originator share a partition, in the order of Publish. Alerts with
// the same id, and connections with the same id, keep their order too.
//
// Back-pressure: PacketProducer.Publish waits while its buffer is full and while the
// engine's group is so far behind that retention would remove what it has not read;
// TryPublish refuses instead, and counts. Groups stop fetching a partition whose
// handler is slow. Everything else is published without waiting: samples for live
// views are dropped and counted when the buffer is full, alerts and dead letters wait.
//
// Loss: records that a broker refused, packets that TryPublish refused and offsets
// that retention removed before they were read are counted, and logged once in a
// while, never one by one.
//
// Goroutines: a Client may be used from any goroutine, a PacketProducer from one at
// a time. Handlers are called from the goroutines of the Group.
package bus
