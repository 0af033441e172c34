package wire

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// PackedEncoder collects packets and writes them as one packed batch. The zero value
// is ready. One goroutine at a time; after the first batches it allocates nothing.
type PackedEncoder struct {
	cols   [colEnd][]byte
	used   [colEnd]bool // the column has a value other than zero
	n      int
	size   int
	lastTS models.Timestamp
	names  []string // interface names of the batch; index 0 of the column is none
	first  uint64   // order of the first packet
	next   uint64   // order that follows the last one
}

// Len is the number of packets since Reset.
func (e *PackedEncoder) Len() int { return e.n }

// Size is about the number of bytes that AppendTo will write.
func (e *PackedEncoder) Size() int { return e.size }

// Reset forgets all packets and keeps the memory.
func (e *PackedEncoder) Reset() {
	for i := range e.cols {
		e.cols[i] = e.cols[i][:0]
	}
	clear(e.names)
	e.names, e.used, e.n, e.size, e.lastTS = e.names[:0], [colEnd]bool{}, 0, 0, 0
	e.first, e.next = 0, 0
}

// AppendOrdered is Append of the packet that has this place in its producer's order,
// which must be higher than that of the packet before.
func (e *PackedEncoder) AppendOrdered(m *models.PacketMeta, order uint64) {
	if e.n == 0 {
		e.first, e.next = order, order
	}
	e.varint(colSkip, order-e.next)
	e.next = order + 1
	e.append(m)
}

// First is the order of the batch's first packet, where AppendOrdered made the batch.
func (e *PackedEncoder) First() uint64 { return e.first }

// Append adds a packet, next in order to the one before. Every field survives, but for the zone of an address, which
// decode never makes. The caller writes the batch before MaxPacked packets.
func (e *PackedEncoder) Append(m *models.PacketMeta) { e.AppendOrdered(m, e.next) }

func (e *PackedEncoder) append(m *models.PacketMeta) {
	e.varint(colTS, zigzag(int64(m.TS-e.lastTS)))
	e.lastTS = m.TS
	e.byte(colFamily, e.addr(colSrc, m.Src)|e.addr(colDst, m.Dst)<<2)
	e.varint(colSrcPort, uint64(m.SrcPort))
	e.varint(colDstPort, uint64(m.DstPort))
	e.byte(colProto, byte(m.Proto))
	e.byte(colFlags, byte(m.Flags))
	e.byte(colDir, byte(m.Dir))
	e.byte(colTTL, m.TTL)
	e.varint(colEntropy, uint64(m.Entropy))
	e.varint(colPayloadLen, uint64(m.PayloadLen))
	e.varint(colIPExtra, zigzag(int64(m.IPLen)-int64(m.PayloadLen)))
	e.varint(colWireExtra, zigzag(int64(m.WireLen)-int64(m.IPLen)))
	e.cols[colConn] = binary.LittleEndian.AppendUint64(e.cols[colConn], uint64(m.Conn))
	e.used[colConn] = e.used[colConn] || m.Conn != 0
	e.varint(colVLAN, uint64(m.VLAN))
	e.varint(colInnerVLAN, uint64(m.InnerVLAN))
	e.varint(colTunnel, uint64(m.Tunnel))
	e.varint(colIface, e.iface(m.Iface))
	e.n++
	e.size += 34
	if m.Src.Is6() {
		e.size += 24
	}
}

func (e *PackedEncoder) varint(col int, v uint64) {
	if v < 0x80 {
		e.cols[col] = append(e.cols[col], byte(v))
		e.used[col] = e.used[col] || v != 0
		return
	}
	e.cols[col] = binary.AppendUvarint(e.cols[col], v)
	e.used[col] = true
}

func (e *PackedEncoder) byte(col int, v byte) {
	e.cols[col] = append(e.cols[col], v)
	e.used[col] = e.used[col] || v != 0
}

func (e *PackedEncoder) addr(col int, a netip.Addr) (family byte) {
	switch {
	case a.Is4():
		b := a.As4()
		e.cols[col] = append(e.cols[col], b[:]...)
		family = family4
	case a.IsValid():
		b := a.As16()
		e.cols[col] = append(e.cols[col], b[:]...)
		family = family6
	default:
		return familyNone
	}
	e.used[col] = true
	return family
}

// iface is the number of a name: 0 for none, else its place in names from 1.
func (e *PackedEncoder) iface(s string) uint64 {
	if s == "" {
		return 0
	}
	i := slices.Index(e.names, s)
	if i < 0 {
		i = len(e.names)
		e.names = append(e.names, s)
		e.size += len(s) + 3
	}
	return uint64(i) + 1
}

// AppendTo appends the batch to dst and leaves the encoder as it is.
func (e *PackedEncoder) AppendTo(dst []byte) []byte {
	dst = appendTag(dst, colVersion, wireVarint)
	dst = append(dst, packedVersion)
	for col := colTS; col < colEnd; col++ {
		if col == colIfaceName {
			for _, name := range e.names {
				dst = appendTag(dst, colIfaceName, wireBytes)
				dst = binary.AppendUvarint(dst, uint64(len(name)))
				dst = append(dst, name...)
			}
			continue
		}
		if e.used[col] {
			dst = appendTag(dst, col, wireBytes)
			dst = binary.AppendUvarint(dst, uint64(len(e.cols[col])))
			dst = append(dst, e.cols[col]...)
		}
	}
	dst = appendTag(dst, colCount, wireVarint) // last, so that a batch cut short has none
	return binary.AppendUvarint(dst, uint64(e.n))
}

func appendTag(dst []byte, col int, wire uint64) []byte {
	return binary.AppendUvarint(dst, uint64(col)<<3|wire)
}
