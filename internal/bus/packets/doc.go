// Package packets produces the packets topic. All packets with the same originator go to one
// partition, in the order of Publish. Each packet has a number within its partition and a
// place in the producer's order, by which the engine merges partitions and discards
// duplicates; ticks tell how far each partition is complete. Numbers belong to an epoch,
// which ends when the number of partitions changes or the topic is recreated.
//
// Back-pressure: Publish waits while the buffer is full, while the engine is so far behind
// that retention would remove unread packets, and while the recorder is so far behind that
// retention would remove connections that are not stored. TryPublish drops and counts
// instead, and ignores the recorder. A group that stops making progress does not hold
// producers back for longer than Config.StallAfter.
//
// One goroutine at a time may publish; Buffered and Close may be called from any.
package packets
