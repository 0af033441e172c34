package pcapfile

import (
	"encoding/binary"
	"math/bits"
)

// byteOrder is the byte order of the machine that wrote a capture.
type byteOrder struct {
	swap bool // big endian
}

func (o byteOrder) u32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if o.swap {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (o byteOrder) u16(b []byte) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if o.swap {
		v = bits.ReverseBytes16(v)
	}
	return v
}
