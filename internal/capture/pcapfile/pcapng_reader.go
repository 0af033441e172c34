package pcapfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng, section 4).
const (
	ngSection   = 0x0a0d0d0a
	ngInterface = 1
	ngOldPacket = 2
	ngSimple    = 3
	ngEnhanced  = 6
	ngByteOrder = 0x1a2b3c4d
)

// ngInterfaceHead is the part of an interface block that is parsed for options.
const ngInterfaceHead = 64 << 10

// ngReader reads the packets of a pcapng file: any number of sections, each with its
// byte order and its interfaces.
type ngReader struct {
	byteOrder
	w      *window
	ifaces []ngIface
	counts *capture.Counts
	links  func(models.LinkType) // called with the link type of each interface
}

// block is the header of the current block.
type block struct {
	kind, total uint32
	offset      int64
}

// next reads blocks until one is a packet.
func (r *ngReader) next(f *models.Frame) error {
	for {
		blk, err := r.head()
		if err != nil {
			return err
		}
		if blk.total <= windowSize/2 {
			// Later reads of this block wait, so that a block is consumed completely
			// or, if the stream is idle, not at all.
			if _, err := r.w.peek(int(blk.total)); err == capture.ErrIdle {
				return err
			}
		}
		ok := false
		switch blk.kind {
		case ngEnhanced, ngOldPacket:
			ok, err = r.packet(blk, f)
		case ngSimple:
			ok, err = r.simple(blk, f)
		case ngSection:
			err = r.section(blk)
		case ngInterface:
			err = r.iface(blk)
		default:
			err = r.skip(blk, 0)
		}
		if err != nil {
			return cut(err)
		}
		if ok {
			return nil
		}
	}
}

// cut turns io.EOF within a block into io.ErrUnexpectedEOF.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// head reads type and length of the next block. A section header sets the byte order first.
func (r *ngReader) head() (block, error) {
	b, err := r.w.peek(8)
	if err != nil {
		return block{}, err
	}
	blk := block{offset: r.w.offset()}
	if binary.LittleEndian.Uint32(b) == ngSection { // a palindrome: the same in both orders
		if b, err = r.w.peek(12); err != nil {
			return blk, cut(err)
		}
		switch binary.LittleEndian.Uint32(b[8:]) {
		case ngByteOrder:
			r.swap = false
		case bits.ReverseBytes32(ngByteOrder):
			r.swap = true
		default:
			return blk, &corruptError{blk.offset, fmt.Sprintf("a pcapng section has %x instead of a byte-order mark", b[8:12])}
		}
	}
	blk.kind, blk.total = r.u32(b), r.u32(b[4:])
	if blk.total < 12 || blk.total%4 != 0 {
		return blk, &corruptError{blk.offset, fmt.Sprintf("a pcapng block of type %d claims a length of %d, want a multiple of 4 and at least 12", blk.kind, blk.total)}
	}
	known := blk.kind == ngSection || blk.kind <= ngSimple || blk.kind == ngEnhanced
	if known && blk.total > capture.MaxBlock {
		return blk, &corruptError{blk.offset, fmt.Sprintf("a pcapng block of type %d claims %d bytes, more than the limit of %d", blk.kind, blk.total, capture.MaxBlock)}
	}
	return blk, nil
}

// skip discards the rest of a block, of which used bytes were consumed, and checks that its
// two lengths agree.
func (r *ngReader) skip(blk block, used int) error {
	if err := r.w.discard(int64(blk.total) - int64(used) - 4); err != nil {
		return err
	}
	b, err := r.w.wait(4)
	if err != nil {
		return err
	}
	if last := r.u32(b); last != blk.total {
		return &corruptError{blk.offset, fmt.Sprintf("a pcapng block has the length %d at its begin and %d at its end", blk.total, last)}
	}
	r.w.advance(4)
	return nil
}

func (r *ngReader) section(blk block) error {
	if blk.total < 28 {
		return &corruptError{blk.offset, fmt.Sprintf("a pcapng section header of %d bytes, want at least 28", blk.total)}
	}
	b, err := r.w.wait(16)
	if err != nil {
		return err
	}
	if v := r.u16(b[12:]); v != 1 {
		return &corruptError{blk.offset, fmt.Sprintf("pcapng version %d.%d is not supported, want 1.x", v, r.u16(b[14:]))}
	}
	r.ifaces = r.ifaces[:0]
	return r.skip(blk, 0)
}

// iface reads an interface description.
func (r *ngReader) iface(blk block) error {
	if blk.total < 20 {
		return &corruptError{blk.offset, fmt.Sprintf("a pcapng interface block of %d bytes, want at least 20", blk.total)}
	}
	if len(r.ifaces) == capture.MaxInterfaces {
		return &corruptError{blk.offset, fmt.Sprintf("a pcapng section with more than %d interfaces", capture.MaxInterfaces)}
	}
	b, err := r.w.wait(min(int(blk.total)-4, ngInterfaceHead))
	if err != nil {
		return err
	}
	i := ngIface{link: linkOf(r.u16(b[8:])), snap: r.u32(b[12:])}
	i.options(b[16:], r.u16, r.swap)
	r.ifaces = append(r.ifaces, i)
	if r.links != nil {
		r.links(i.link)
	}
	return r.skip(blk, 0)
}

// packet reads an enhanced packet block, or the obsolete packet block, which has a 16-bit
// interface number and a count of drops instead.
func (r *ngReader) packet(blk block, f *models.Frame) (bool, error) {
	const fixed = 28 // before the frame, with type and length
	if blk.total < fixed+4 {
		return false, r.bad(blk, vocabulary.DropMalformed)
	}
	b, err := r.w.wait(fixed)
	if err != nil {
		return false, err
	}
	id, caplen, wire := r.u32(b[8:]), r.u32(b[20:]), r.u32(b[24:])
	if blk.kind == ngOldPacket {
		id = uint32(r.u16(b[8:]))
	}
	if int64(caplen) > int64(blk.total)-fixed-4 || caplen > capture.MaxFrame {
		return false, &corruptError{blk.offset, fmt.Sprintf("a packet of %d captured bytes in a pcapng block of %d", caplen, blk.total)}
	}
	if uint64(id) >= uint64(len(r.ifaces)) {
		return false, r.bad(blk, vocabulary.DropNoInterface)
	}
	i := &r.ifaces[id]
	f.TS = i.timestamp(uint64(r.u32(b[12:]))<<32 | uint64(r.u32(b[16:])))
	return true, r.yield(blk, f, i, fixed, int(caplen), wire)
}

// simple reads a simple packet block: the first interface, no timestamp.
func (r *ngReader) simple(blk block, f *models.Frame) (bool, error) {
	const fixed = 12
	if blk.total < fixed+4 {
		return false, r.bad(blk, vocabulary.DropMalformed)
	}
	b, err := r.w.wait(fixed)
	if err != nil {
		return false, err
	}
	if len(r.ifaces) == 0 {
		return false, r.bad(blk, vocabulary.DropNoInterface)
	}
	i, wire := &r.ifaces[0], r.u32(b[8:])
	caplen := min(wire, blk.total-fixed-4)
	if i.snap != 0 {
		caplen = min(caplen, i.snap)
	}
	if caplen > capture.MaxFrame {
		return false, &corruptError{blk.offset, fmt.Sprintf("a packet of %d captured bytes, the maximum is %d", caplen, capture.MaxFrame)}
	}
	f.TS = 0
	return true, r.yield(blk, f, i, fixed, int(caplen), wire)
}

// yield returns the frame at offset fixed of the block. Usually the whole block is in the
// window; of a block with large options only the frame is, and the options are skipped.
func (r *ngReader) yield(blk block, f *models.Frame, i *ngIface, fixed, caplen int, wire uint32) error {
	f.Link, f.Iface, f.WireLen = i.link, i.name, max(wire, uint32(caplen))
	if blk.total <= windowSize/2 {
		b, err := r.w.wait(int(blk.total))
		if err != nil {
			return err
		}
		if last := r.u32(b[blk.total-4:]); last != blk.total {
			return &corruptError{blk.offset, fmt.Sprintf("a pcapng block has the length %d at its begin and %d at its end", blk.total, last)}
		}
		f.Data = b[fixed : fixed+caplen]
		r.w.advance(int(blk.total))
		return nil
	}
	b, err := r.w.wait(fixed + caplen)
	if err != nil {
		return err
	}
	f.Data = append([]byte(nil), b[fixed:]...) // skip below reuses the window
	return r.skip(blk, 0)
}

// bad counts an unreadable packet block and skips it.
func (r *ngReader) bad(blk block, reason string) error {
	r.counts.Drop(reason, 1)
	return r.skip(blk, 0)
}
