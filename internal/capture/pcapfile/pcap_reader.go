package pcapfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// Magic numbers of pcap, in the byte order of the writer
// (draft-ietf-opsawg-pcap, section 4; the last is the form with a longer record
// header of patched libpcaps of the 1990s).
const (
	pcapMicro    = 0xa1b2c3d4
	pcapNano     = 0xa1b23c4d
	pcapModified = 0xa1b2cd34
)

const (
	pcapFileHeader       = 24
	pcapRecordHeader     = 16
	modifiedRecordHeader = 24 // interface index, protocol and packet type follow
)

// pcapReader reads the records of a pcap file.
type pcapReader struct {
	byteOrder
	w      *window
	unit   int64 // nanoseconds in a unit of the fraction
	header int   // bytes of a record header
	link   models.LinkType
}

// isPcap reports whether b begins a pcap file, and returns a reader for its variant.
func isPcap(b []byte) (r pcapReader, ok bool) {
	m := binary.LittleEndian.Uint32(b)
	if b[0] == 0xa1 {
		m, r.swap = bits.ReverseBytes32(m), true
	}
	r.unit, r.header = 1000, pcapRecordHeader
	switch m {
	case pcapMicro:
	case pcapNano:
		r.unit = 1
	case pcapModified:
		r.header = modifiedRecordHeader
	default:
		return r, false
	}
	return r, true
}

// openPcap reads the file header. The caller has checked the magic number.
func openPcap(w *window) (*pcapReader, error) {
	b, err := w.peek(pcapFileHeader)
	if err == capture.ErrIdle {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("the pcap file header is truncated: %d of %d bytes", len(b), pcapFileHeader)
	}
	r, _ := isPcap(b)
	r.w = w
	if v := r.u16(b[4:]); v != 2 {
		return nil, fmt.Errorf("pcap version %d.%d is not supported, want 2.x", v, r.u16(b[6:]))
	}
	// The upper half of the field says whether frames end in a checksum.
	r.link = linkOf(uint16(r.u32(b[20:])))
	w.advance(pcapFileHeader)
	return &r, nil
}

// next reads one record. It returns io.EOF only between records.
func (r *pcapReader) next(f *models.Frame) error {
	b, err := r.w.peek(r.header)
	if err != nil {
		return err
	}
	caplen, wire := r.u32(b[8:]), r.u32(b[12:])
	if caplen > capture.MaxFrame {
		return &corruptError{r.w.offset(), fmt.Sprintf("a record claims %d captured bytes, the maximum is %d", caplen, capture.MaxFrame)}
	}
	sec, frac := int64(r.u32(b)), int64(r.u32(b[4:]))
	n := r.header + int(caplen)
	if b, err = r.w.peek(n); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	f.TS = models.Timestamp(sec*1e9 + frac*r.unit)
	f.Link = r.link
	f.WireLen = max(wire, caplen)
	f.Data = b[r.header:n]
	f.Iface = ""
	r.w.advance(n)
	return nil
}

// corruptError is a record that contradicts itself; nothing after it can be read.
type corruptError struct {
	offset int64 // in the decompressed stream
	what   string
}

func (e *corruptError) Error() string {
	return fmt.Sprintf("corrupt at offset %d: %s", e.offset, e.what)
}

// linkOf maps system-specific numbers of raw IP, which some tools write to files, to the
// official one.
func linkOf(v uint16) models.LinkType {
	if v == 12 || v == 14 {
		return models.LinkRaw
	}
	return models.LinkType(v)
}
