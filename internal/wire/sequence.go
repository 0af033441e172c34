package wire

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// SequenceSize is the length of the header's value.
const SequenceSize = 32

// sequenceOld is the length of the value without an epoch.
const sequenceOld = 24

// AppendSequence appends the value of the header netlyra-seq.
func AppendSequence(dst []byte, s models.Sequence) []byte {
	dst = binary.BigEndian.AppendUint64(dst, s.Producer)
	dst = binary.BigEndian.AppendUint64(dst, s.Number)
	dst = binary.BigEndian.AppendUint64(dst, s.Order)
	return binary.BigEndian.AppendUint64(dst, uint64(s.Epoch))
}

// ParseSequence reads the header's value. One of another length is nobody's.
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
