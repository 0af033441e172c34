package wire

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// AppendKey appends the record key of a packet: the text of the originator's address, so
// that all packets of an originator are in one partition; for messages without addresses, the
// text of the sender's link-layer address.
func AppendKey(dst []byte, m *models.PacketMeta) []byte {
	if a := m.Orig(); a.IsValid() {
		return AppendAddr(dst, a)
	}
	return m.SrcMAC.AppendTo(dst)
}

// PartitionOf returns the partition of a record with that key, 0 to partitions-1, as Kafka's
// default partitioner computes it.
func PartitionOf(key []byte, partitions int32) int32 {
	return int32(murmur2(key)&0x7fffffff) % partitions
}

// murmur2 is the hash by which Kafka's Java client, and most other clients, map keys to
// partitions (org.apache.kafka.common.utils.Utils.murmur2).
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
