// Package order puts packets back into the order in which they were captured, each
// once, whatever became of their records on the way: sent twice, overtaken by others,
// or spread over several partitions. What comes out depends on what is in the logs
// alone, not on how fast or in which order the partitions are read, so that one model
// can learn from all of them and say the same again.
//
// It works in two steps. The first is for each producer and partition: numbers without
// a gap (models.Sequence.Number) tell what was delivered before and what is yet to
// come. The second is for each producer, over its partitions: a tick in the first of
// them says up to which place (models.Sequence.Order) its packets are due, and when all
// partitions have come as far, they are yielded by their places. Ticks of several
// producers are worked off in the order in which they stand in the first partition.
// Where a producer writes into one partition only, its packets are due where they stand.
//
// How many partitions a producer writes into, its records say themselves
// (models.Sequence.Epoch), so the partitions may become more, or other ones, while
// everything runs. Each epoch of a producer has its own numbers; its packets keep their
// places among all of the producer's, by which a packet that a restarted producer sends
// again in another epoch is known.
//
// Packets without a sequence, as other tools write them, are yielded as they come.
//
// An Order belongs to one goroutine. Its memory is bounded by MaxHeld packets.
package order
