package models

// Sequence is where a record of the packets topic belongs among all that its producer
// has sent. It travels in the header netlyra-seq, as four big-endian words; the fourth
// was added later, and records without it have an Epoch of 0. With it the engine takes
// each packet once, and in the order in which it was captured, however often and in
// whatever order it was delivered, and over however many partitions. A record of another
// tool has none and is taken as it is read.
type Sequence struct {
	Producer uint64 // who sent it, for as long as it runs; 0 is nobody
	Number   uint64 // of the record's first packet among the producer's in this partition and epoch, from 0
	Order    uint64 // of the record's first packet among all of the producer's, from 0
	Epoch    Epoch  // how the producer spread its packets over partitions; 0 = it did not say
}

// A tick is a record without packets (ContentTypeTick) that a producer writes into every
// partition where there is more than one: all of its packets with an Order below the
// tick's stand before it.

// Epoch says over how many partitions a producer spreads its packets, and since which of
// them. A producer that learns that the topic has another number of partitions begins a
// new epoch: from then on keys go to other partitions, and the numbers within each
// partition begin at 0 again. Two runs of a named producer that learned it at different
// packets have different epochs, so numbers of one are never taken for those of the other.
type Epoch uint64

// epochSince is how many bits the first packet of an epoch has: at a million packets a
// second they last for nine years.
const epochSince = 48

// NewEpoch is the epoch of so many partitions (1 to 65535) that begins with the packet
// whose Order is since.
func NewEpoch(partitions int32, since uint64) Epoch {
	return Epoch(uint64(partitions)<<epochSince | since&(1<<epochSince-1))
}

// Partitions is how many partitions the packets topic had; 0 = not known.
func (e Epoch) Partitions() int32 { return int32(e >> epochSince) }

// Since is the Order of the first packet of the epoch.
func (e Epoch) Since() uint64 { return uint64(e) & (1<<epochSince - 1) }
