package bus

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// murmur2 is the hash with which Kafka's Java client, and therefore most others,
// spread keys over partitions (org.apache.kafka.common.utils.Utils.murmur2).
func murmur2(b []byte) uint32 {
	const m = 0x5bd1e995
	h := 0x9747b28c ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := binary.LittleEndian.Uint32(b) * m
		h = h*m ^ (k^k>>24)*m
	}
	switch len(b) {
	case 3:
		h ^= uint32(b[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(b[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(b[0])) * m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}

// partitionOf is where a record with that key goes, as Kafka's default partitioner
// has it.
func partitionOf(key []byte, partitions int32) int32 {
	return int32(murmur2(key)&0x7fffffff) % partitions
}

// appendKey appends the key of a packet: the text of its originator's address.
func appendKey(dst []byte, m *models.PacketMeta) []byte { return models.AppendAddr(dst, m.Orig()) }

// arena hands out the memory of keys and values in large pieces, so that a packet
// costs no allocation of its own. A piece goes back to the garbage collector when
// the last record in it is acknowledged.
type arena struct{ b []byte }

const (
	arenaChunk = 64 << 10
	arenaRoom  = 1 << 10 // more than a packet in JSON needs
)

// grab is an empty slice to append to; what does not fit, append moves elsewhere.
func (a *arena) grab(room int) []byte {
	if cap(a.b)-len(a.b) < room {
		a.b = make([]byte, 0, max(arenaChunk, room))
	}
	return a.b[len(a.b):]
}

// keep makes b, which came from grab and was appended to, part of the arena and
// clips it, so that nobody appends into its neighbour.
func (a *arena) keep(b []byte) []byte {
	if n := len(a.b) + len(b); n <= cap(a.b) && len(b) > 0 && &b[0] == &a.b[:n][len(a.b)] {
		a.b = a.b[:n]
	}
	return b[:len(b):len(b)]
}
