package wire

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// PackedEncoder collects packets and encodes them as one packed batch. The zero value is
// ready for use. It reuses its memory: after the first batches it does not allocate. One
// goroutine at a time.
type PackedEncoder struct {
	cols   [colEnd][]byte
	used   [colEnd]bool // the column has a value other than zero
	n      int
	size   int
	lastTS models.Timestamp
	names  []string // interface names of the batch; column value 0 is no name
	pairs  macPairs
	macs   uint32 // pairs in the batch
	batch  uint64 // batches before this one
	link   bool   // the batch has a link-layer message
	first  uint64 // producer order of the first packet
	next   uint64 // expected order of the next packet
}

// Len returns the number of packets since Reset.
func (e *PackedEncoder) Len() int { return e.n }

// Size returns an estimate of the bytes that AppendTo will append.
func (e *PackedEncoder) Size() int { return e.size }

// Reset removes all packets and keeps the memory.
func (e *PackedEncoder) Reset() {
	for i := range e.cols {
		e.cols[i] = e.cols[i][:0]
	}
	clear(e.names)
	e.names, e.used, e.n, e.size, e.lastTS = e.names[:0], [colEnd]bool{}, 0, 0, 0
	e.first, e.next, e.link = 0, 0, false
	e.macs, e.batch = 0, e.batch+1
}

// AppendOrdered adds a packet with its position in the producer's order, which must be
// higher than that of the previous packet.
func (e *PackedEncoder) AppendOrdered(m *models.PacketMeta, order uint64) {
	if e.n == 0 {
		e.first, e.next = order, order
	}
	e.varint(colSkip, order-e.next)
	e.next = order + 1
	e.append(m)
}

// First returns the order of the first packet, if AppendOrdered added it.
func (e *PackedEncoder) First() uint64 { return e.first }

// Append adds a packet that follows the previous one in order. All fields are encoded except
// the zones of addresses. The caller must call AppendTo and Reset before Len exceeds
// MaxPacked.
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
	e.fixed(colConn, uint64(m.Conn))
	e.varint(colVLAN, uint64(m.VLAN))
	e.varint(colInnerVLAN, uint64(m.InnerVLAN))
	e.varint(colTunnel, uint64(m.Tunnel))
	e.varint(colIface, e.iface(m.Iface))
	e.varint(colMACs, e.macPair(m))
	e.extra(m)
	e.n++
	e.size += 36
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

func (e *PackedEncoder) fixed(col int, v uint64) {
	e.cols[col] = binary.LittleEndian.AppendUint64(e.cols[col], v)
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

// iface returns the number of a name: 0 for none, otherwise its index in names plus 1.
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

// macPairs finds the number of a pair of link-layer addresses in the column of pairs: for each
// hash, the last pair with that hash. A pair that another one replaced gets a second number.
type macPairs [256]macPair

type macPair struct {
	src, dst uint64
	at       uint32 // index in the column
	batch    uint64 // of that column, so that Reset need not clear the table
}

// word returns a as a number.
func word(a *models.MAC) uint64 {
	return uint64(binary.LittleEndian.Uint32(a[:])) | uint64(binary.LittleEndian.Uint16(a[4:]))<<32
}

// macs returns the number of the link-layer addresses: 0 for none, otherwise the index of the
// pair in its column plus 1.
func (e *PackedEncoder) macPair(m *models.PacketMeta) uint64 {
	src, dst := word(&m.SrcMAC), word(&m.DstMAC)
	if src|dst == 0 {
		return 0
	}
	p := &e.pairs[(src^dst<<15)*0x9e3779b97f4a7c15>>56]
	if p.src != src || p.dst != dst || p.batch != e.batch {
		e.cols[colMACPair] = append(append(e.cols[colMACPair], m.SrcMAC[:]...), m.DstMAC[:]...)
		e.used[colMACPair] = true
		*p = macPair{src, dst, e.macs, e.batch}
		e.macs++
		e.size += macPairLen
	}
	return uint64(p.at) + 1
}

// extra appends the fields that few packets have.
func (e *PackedEncoder) extra(m *models.PacketMeta) {
	if !m.Proto.IsLink() && m.HWAddr.IsZero() && m.Msg == 0 && m.Name.Kind == models.NameNone {
		if e.used[colExtra] {
			e.cols[colExtra] = append(e.cols[colExtra], 0)
		}
		return
	}
	bits := byte(0)
	if m.Proto.IsLink() {
		bits |= extraLink
		e.link = true
	}
	if !m.HWAddr.IsZero() {
		bits |= extraHWAddr
		e.cols[colHWAddr], e.used[colHWAddr] = append(e.cols[colHWAddr], m.HWAddr[:]...), true
		e.size += len(m.HWAddr)
	}
	if m.Msg != 0 {
		bits |= extraMsg
		e.byte(colMsg, m.Msg)
		e.size++
	}
	if m.Name.Kind != models.NameNone {
		bits |= extraName
		e.name(&m.Name)
	}
	if c := e.cols[colExtra]; !e.used[colExtra] { // the previous packets had none
		e.cols[colExtra] = slices.Grow(c, e.n)[:e.n]
		clear(e.cols[colExtra])
	}
	e.byte(colExtra, bits)
}

// AppendTo appends the batch to dst. It does not change the encoder.
func (e *PackedEncoder) AppendTo(dst []byte) []byte {
	version := byte(packedVersion)
	if e.link {
		version = packedVersionLink
	}
	dst = appendTag(dst, colVersion, wireVarint)
	dst = append(dst, version)
	for col := colTS; col < colEnd; col++ {
		if col == colNameText && e.used[col] { // one field for each packet with a name
			dst = append(dst, e.cols[col]...)
			continue
		}
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
	dst = appendTag(dst, colCount, wireVarint) // last, so that a truncated batch has no count
	return binary.AppendUvarint(dst, uint64(e.n))
}

func appendTag(dst []byte, col int, wire uint64) []byte {
	return binary.AppendUvarint(dst, uint64(col)<<3|wire)
}
