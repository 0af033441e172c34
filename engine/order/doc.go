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
// Where there is but one partition, the second step is not needed and nothing waits.
//
// Packets without a sequence, as other tools write them, are yielded as they come.
//
// An Order belongs to one goroutine. Its memory is bounded by MaxHeld packets.
package order
