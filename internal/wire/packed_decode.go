package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"sync"

	"github.com/netlyra/netlyra/internal/models"
)

// packedReader holds the columns of one batch as slices of its bytes.
type packedReader struct {
	cols  [colEnd][]byte
	there [colEnd]bool
	count uint64
	names []string
	pairs []byte   // the column of pairs of link-layer addresses
	texts []string // the column of texts of names
	meta  models.PacketMeta
	err   error
}

var packedReaders = sync.Pool{New: func() any { return new(packedReader) }}

// DecodePacked decodes a packed batch and calls yield for each packet, in order; the packet
// is valid until yield returns. It stops at the first error of yield and returns it
// unchanged. If the batch is invalid in the middle, the packets before that have been
// yielded. It does not keep b and never allocates by a length in the input.
//
// Unknown fields are skipped, as Protobuf requires. Values that no PacketMeta can have
// (entropy above MaxEntropy, unknown encapsulations) are errors.
func DecodePacked(b []byte, yield func(*models.PacketMeta) error) error {
	return DecodePackedOrdered(b, func(m *models.PacketMeta, _ uint64) error { return yield(m) })
}

// DecodePackedOrdered is like DecodePacked and also passes the distance of each packet from
// the first one of the batch, in the producer's order.
func DecodePackedOrdered(b []byte, yield func(m *models.PacketMeta, behind uint64) error) error {
	r := packedReaders.Get().(*packedReader)
	defer func() {
		names := r.names
		if cap(names) > 64 { // hostile batch: do not keep its memory
			names = nil
		}
		clear(names)
		*r = packedReader{names: names[:0]}
		packedReaders.Put(r)
	}()
	if err := r.split(b); err != nil {
		return err
	}
	var ts models.Timestamp
	var order uint64
	for range r.count {
		ts += models.Timestamp(unzigzag(r.varint(colTS)))
		r.meta = models.PacketMeta{TS: ts}
		r.row(&r.meta)
		skip := r.varint(colSkip)
		if r.err != nil {
			return r.err
		}
		order += skip
		if err := yield(&r.meta, order); err != nil {
			return err
		}
		order++
	}
	for col := colTS; col < colEnd; col++ {
		if len(r.cols[col]) > 0 || col == colNameText && len(r.texts) > 0 {
			return errColumn(col, "has more values than packets")
		}
	}
	return nil
}

// split locates the columns.
func (r *packedReader) split(b []byte) error {
	version := uint64(0)
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return errPackedShort
		}
		b = b[n:]
		value, scalar, rest, err := field(b, tag&7)
		if err != nil {
			return err
		}
		b = rest
		switch col := tag >> 3; {
		case col == colVersion && tag&7 == wireVarint:
			version = scalar
		case col == colCount && tag&7 == wireVarint:
			r.count, r.there[colCount] = scalar, true
		case col == colIfaceName && tag&7 == wireBytes:
			if len(r.names) == MaxPacked {
				return errColumn(colIfaceName, "more names than packets")
			}
			r.names = append(r.names, internIface(value))
		case col == colNameText && tag&7 == wireBytes:
			if len(r.texts) == MaxPacked {
				return errColumn(colNameText, "more texts than packets")
			}
			r.texts, r.there[colNameText] = append(r.texts, string(value)), true
		case col >= colTS && col < colEnd:
			if tag&7 != wireBytes {
				return errColumn(int(col), "is not packed")
			}
			if r.there[col] {
				return errColumn(int(col), "occurs twice")
			}
			r.cols[col], r.there[col] = value, true
		}
	}
	if version != packedVersion && version != packedVersionLink {
		return fmt.Errorf("packed batch: version %d, this program reads versions %d and %d", version, packedVersion, packedVersionLink)
	}
	if r.pairs, r.cols[colMACPair] = r.cols[colMACPair], nil; len(r.pairs)%macPairLen != 0 {
		return errColumn(colMACPair, "is not a whole number of pairs")
	}
	if !r.there[colCount] {
		return errPackedShort
	}
	if r.count > MaxPacked {
		return fmt.Errorf("packed batch: %d packets, more than %d", r.count, MaxPacked)
	}
	return nil
}

// field parses one Protobuf value of the wire type.
func field(b []byte, wire uint64) (value []byte, scalar uint64, rest []byte, err error) {
	switch wire {
	case wireVarint:
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, 0, nil, errPackedShort
		}
		return nil, v, b[n:], nil
	case wireBytes:
		l, n := binary.Uvarint(b)
		if n <= 0 || l > uint64(len(b)-n) {
			return nil, 0, nil, errPackedShort
		}
		end := n + int(l)
		return b[n:end], 0, b[end:], nil
	case wireFixed8, wireFixed4:
		n := 8
		if wire == wireFixed4 {
			n = 4
		}
		if len(b) < n {
			return nil, 0, nil, errPackedShort
		}
		return nil, 0, b[n:], nil
	}
	return nil, 0, nil, fmt.Errorf("packed batch: wire type %d", wire)
}

// row decodes the next value of every column except the timestamps.
func (r *packedReader) row(m *models.PacketMeta) {
	family := r.byte(colFamily)
	m.Src = r.addr(colSrc, family&3)
	m.Dst = r.addr(colDst, family>>2)
	m.SrcPort = uint16(r.below(colSrcPort, 1<<16))
	m.DstPort = uint16(r.below(colDstPort, 1<<16))
	proto := r.byte(colProto)
	m.Flags = models.TCPFlags(r.byte(colFlags))
	if m.Dir = models.Direction(r.byte(colDir)); m.Dir > models.DirResp {
		r.fail(colDir, "no such direction")
	}
	m.TTL = r.byte(colTTL)
	m.Entropy = uint16(r.below(colEntropy, models.MaxEntropy+1))
	m.PayloadLen = uint32(r.below(colPayloadLen, 1<<32))
	m.IPLen = r.sum(colIPExtra, m.PayloadLen)
	m.WireLen = r.sum(colWireExtra, m.IPLen)
	m.Conn = models.ConnID(r.fixed(colConn))
	m.VLAN = uint16(r.below(colVLAN, 1<<16))
	m.InnerVLAN = uint16(r.below(colInnerVLAN, 1<<16))
	m.Tunnel = r.tunnel()
	if i := r.below(colIface, uint64(len(r.names))+1); i > 0 && r.err == nil {
		m.Iface = r.names[i-1]
	}
	if i := r.below(colMACs, uint64(len(r.pairs)/macPairLen)+1); i > 0 {
		pair := r.pairs[(i-1)*macPairLen:]
		m.SrcMAC, m.DstMAC = models.MAC(pair), models.MAC(pair[len(m.SrcMAC):])
	}
	r.extra(m, proto)
}

// extra decodes the protocol and the fields that few packets have.
func (r *packedReader) extra(m *models.PacketMeta, proto byte) {
	m.Proto = models.Proto(proto)
	bits := r.byte(colExtra)
	if bits == 0 {
		return
	}
	if bits&extraLink != 0 {
		if m.Proto += models.ProtoARP; m.Proto >= models.Protos {
			r.fail(colProto, "no such protocol")
			m.Proto = 0
		}
	}
	if bits&extraHWAddr != 0 {
		if c := r.cols[colHWAddr]; len(c) >= len(m.HWAddr) {
			m.HWAddr, r.cols[colHWAddr] = models.MAC(c), c[len(m.HWAddr):]
		} else {
			r.fail(colHWAddr, "has fewer values than packets")
		}
	}
	if bits&extraMsg != 0 {
		m.Msg = r.byte(colMsg)
	}
	if bits&extraName != 0 {
		r.name(&m.Name)
	}
}

func (r *packedReader) fail(col int, what string) {
	if r.err == nil {
		r.err = errColumn(col, what)
	}
}

func (r *packedReader) varint(col int) uint64 {
	c := r.cols[col]
	if len(c) > 0 && c[0] < 0x80 {
		r.cols[col] = c[1:]
		return uint64(c[0])
	}
	if !r.there[col] {
		return 0
	}
	v, n := binary.Uvarint(c)
	if n <= 0 {
		r.fail(col, "has fewer values than packets")
		return 0
	}
	r.cols[col] = c[n:]
	return v
}

func (r *packedReader) below(col int, limit uint64) uint64 {
	v := r.varint(col)
	if v >= limit {
		r.fail(col, "value out of range")
		return 0
	}
	return v
}

// sum returns base plus the next difference.
func (r *packedReader) sum(col int, base uint32) uint32 {
	d := unzigzag(r.varint(col))
	if d < -int64(base) || d > 1<<32-1-int64(base) {
		r.fail(col, "value out of range")
		return 0
	}
	return uint32(int64(base) + d)
}

func (r *packedReader) byte(col int) byte {
	if !r.there[col] {
		return 0
	}
	if len(r.cols[col]) == 0 {
		r.fail(col, "has fewer values than packets")
		return 0
	}
	v := r.cols[col][0]
	r.cols[col] = r.cols[col][1:]
	return v
}

func (r *packedReader) fixed(col int) uint64 {
	if !r.there[col] {
		return 0
	}
	c := r.cols[col]
	if len(c) < 8 {
		r.fail(col, "has fewer values than packets")
		return 0
	}
	r.cols[col] = c[8:]
	return binary.LittleEndian.Uint64(c)
}

func (r *packedReader) addr(col int, family byte) (a netip.Addr) {
	c := r.cols[col]
	switch {
	case family == family4 && len(c) >= 4:
		r.cols[col] = c[4:]
		return netip.AddrFrom4([4]byte(c))
	case family == family6 && len(c) >= 16:
		r.cols[col] = c[16:]
		return netip.AddrFrom16([16]byte(c))
	case family != familyNone:
		r.fail(col, "has fewer addresses than packets")
	}
	return a
}

// tunnel decodes a path; all of its encapsulations must be known, without gaps.
func (r *packedReader) tunnel() models.TunnelPath {
	p := models.TunnelPath(r.varint(colTunnel))
	for rest := p; rest != 0; rest >>= 8 {
		if k := models.TunnelKind(rest); !k.Valid() {
			r.fail(colTunnel, "no such encapsulation")
			return 0
		}
	}
	if p.Len() > models.MaxTunnels {
		r.fail(colTunnel, "too many encapsulations")
		return 0
	}
	return p
}
