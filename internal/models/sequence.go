package models

import "encoding/binary"

// Sequence is where a record of the packets topic belongs among all that its producer
// has sent. It travels in the header netlyra-seq, as three big-endian words. With it the
// engine takes each packet once, and in the order in which it was captured, however
// often and in whatever order it was delivered, and over however many partitions. A
// record of another tool has none and is taken as it is read.
type Sequence struct {
	Producer uint64 // who sent it, for as long as it runs; 0 is nobody
	Number   uint64 // of the record's first packet among the producer's in this partition, from 0
	Order    uint64 // of the record's first packet among all of the producer's, from 0
}

// A tick is a record without packets (ContentTypeTick) that a producer writes into every
// partition where there is more than one: all of its packets with an Order below the
// tick's stand before it.

// SequenceSize is the length of the header's value.
const SequenceSize = 24

// AppendTo appends the header's value.
func (s Sequence) AppendTo(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, s.Producer)
	dst = binary.BigEndian.AppendUint64(dst, s.Number)
	return binary.BigEndian.AppendUint64(dst, s.Order)
}

// ParseSequence reads the header's value. One of another length is nobody's.
func ParseSequence(b []byte) (s Sequence) {
	if len(b) != SequenceSize {
		return s
	}
	s.Producer = binary.BigEndian.Uint64(b)
	s.Number = binary.BigEndian.Uint64(b[8:])
	s.Order = binary.BigEndian.Uint64(b[16:])
	return s
}
