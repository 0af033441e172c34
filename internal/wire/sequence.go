package wire

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// SequenceSize is the length in bytes of the header netlyra-seq.
const SequenceSize = 32

// sequenceOld is the length of the header without an epoch, which older producers write.
const sequenceOld = 24

// AppendSequence appends the value of the header netlyra-seq: producer, number, order and
// epoch as big-endian 64-bit words.
func AppendSequence(dst []byte, s models.Sequence) []byte {
	dst = binary.BigEndian.AppendUint64(dst, s.Producer)
	dst = binary.BigEndian.AppendUint64(dst, s.Number)
	dst = binary.BigEndian.AppendUint64(dst, s.Order)
	return binary.BigEndian.AppendUint64(dst, uint64(s.Epoch))
}

// ParseSequence parses the value of the header netlyra-seq. A value of unknown length gives
// the zero Sequence.
func ParseSequence(b []byte) (s models.Sequence) {
	if len(b) != SequenceSize && len(b) != sequenceOld {
		return s
	}
	s.Producer = binary.BigEndian.Uint64(b)
	s.Number = binary.BigEndian.Uint64(b[8:])
	s.Order = binary.BigEndian.Uint64(b[16:])
	if len(b) == SequenceSize {
		s.Epoch = models.Epoch(binary.BigEndian.Uint64(b[24:]))
	}
	return s
}
