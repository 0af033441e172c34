// Package order restores the order in which packets were captured. It yields each packet
// once, even if its record was sent twice, was delivered out of order, or is in another
// partition than its predecessor. The result depends only on the content of the partitions,
// not on the speed or the interleaving in which they are read, so that a model can learn from
// all of them with reproducible results.
//
// It has two steps. The first is per producer and partition: numbers without a gap
// (models.Sequence.Number) show duplicates and missing packets. The second is per producer,
// over its partitions: a tick in the first partition of the lane states up to which place
// (models.Sequence.Order) the producer's packets are due. When all partitions have reached
// that place, these packets are yielded by place. Ticks of several producers are processed in
// the order in which they are in the first partition. Packets of a producer that writes to a
// single partition are due where they are.
//
// Records state the number of partitions of their producer (models.Sequence.Epoch), so that
// partitions can be added or replaced at run time. Each epoch of a producer has its own
// numbers. Places continue over epochs; by its place, a packet that a restarted producer sends
// again in another epoch is recognized as a duplicate.
//
// Packets without a sequence, which other tools write, are yielded as they arrive.
//
// An Order must not be used by several goroutines at once. MaxHeld bounds the number of
// packets that it holds.
package order
