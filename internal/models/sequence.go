package models

// Sequence is the position of a record of the packets topic in the stream of its producer.
// It is the header netlyra-seq (wire.AppendSequence). With it the engine processes each
// packet once and in the order of capture, regardless of redelivery, of reordering and of
// the number of partitions. Records of other tools have no sequence and are processed in the
// order in which they are read.
type Sequence struct {
	Producer uint64 // id of the producer while it runs; 0 is none
	Number   uint64 // of the first packet of the record, within the partition and epoch, from 0
	Order    uint64 // of the first packet of the record, among all packets of the producer, from 0
	Epoch    Epoch  // how the producer maps packets to partitions; 0 = unknown
}

// A tick is a record without packets (ContentTypeTick) that a producer writes into every
// partition of a topic with several: all of its packets with a lower Order are in the log
// before the tick.

// Epoch is the number of partitions over which a producer distributes its packets, and the
// packet from which on it does so. When the number of partitions of the topic changes, the
// producer begins a new epoch: keys map to other partitions, and numbers within each
// partition start at 0. Two runs of a named producer that notice the change at different
// packets have different epochs, so their numbers cannot be confused.
type Epoch uint64

// epochSince is the number of bits for the first packet of an epoch: nine years at a million
// packets per second.
const epochSince = 48

// NewEpoch returns the epoch with 1 to 65535 partitions that begins at the packet whose
// Order is since.
func NewEpoch(partitions int32, since uint64) Epoch {
	return Epoch(uint64(partitions)<<epochSince | since&(1<<epochSince-1))
}

// Partitions returns the number of partitions of the packets topic; 0 is unknown.
func (e Epoch) Partitions() int32 { return int32(e >> epochSince) }

// Since returns the Order of the first packet of the epoch.
func (e Epoch) Since() uint64 { return uint64(e) & (1<<epochSince - 1) }
