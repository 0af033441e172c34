package pcapfile

import (
	"encoding/binary"
	"math/bits"
)

// byteOrder is that of the machine which wrote a capture.
type byteOrder struct {
	swap bool // it was not little endian
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
