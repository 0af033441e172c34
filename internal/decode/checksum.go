package decode

import (
	"encoding/binary"
	"math/bits"

	"github.com/netlyra/netlyra/internal/models"
)

// sum adds b to a ones' complement sum of 64 bits, little-endian (RFC 1071 section 2 allows
// any word size and byte order). Only the last part of a sum may have an odd length.
func sum(s uint64, b []byte) uint64 {
	le := binary.LittleEndian
	var c uint64
	for len(b) >= 8 {
		s, c = bits.Add64(s, le.Uint64(b), c)
		b = b[8:]
	}
	var last [8]byte
	copy(last[:], b)
	s, c = bits.Add64(s, le.Uint64(last[:]), c)
	// Adding the carry can carry once more, never twice.
	s, c = bits.Add64(s, c, 0)
	return s + c
}

// fold reduces a sum to 16 bits.
func fold(s uint64) uint32 {
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	t := uint32(s)
	t = t>>16 + t&0xffff
	return t>>16 + t&0xffff
}

// badTransport reports whether the checksum of the complete transport packet b is wrong. It
// returns false for packets without a checksum or with another kind (SCTP).
func badTransport(l *models.Layer, b []byte) bool {
	switch l.Proto {
	case models.ProtoICMP:
		return fold(sum(0, b)) != 0xffff
	case models.ProtoUDP:
		if l.Src.Is4() && len(b) >= udpHeaderLen && b[6] == 0 && b[7] == 0 {
			return false // RFC 768: no checksum
		}
	case models.ProtoTCP, models.ProtoICMPv6:
	default:
		return false
	}
	return fold(sum(pseudoSum(l, len(b)), b)) != 0xffff
}

// pseudoSum returns the sum over the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1).
func pseudoSum(l *models.Layer, n int) (s uint64) {
	if l.Src.Is4() {
		src, dst := l.Src.As4(), l.Dst.As4()
		s = sum(sum(0, src[:]), dst[:])
	} else {
		src, dst := l.Src.As16(), l.Dst.As16()
		s = sum(sum(0, src[:]), dst[:])
	}
	tail := [8]byte{3: byte(l.Proto), 4: byte(n >> 24), 5: byte(n >> 16), 6: byte(n >> 8), 7: byte(n)}
	return sum(s, tail[:])
}
