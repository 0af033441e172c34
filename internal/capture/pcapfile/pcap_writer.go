package pcapfile

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// Writer writes frames of one link type as a pcap file with nanoseconds, little
// endian. After an error, every call returns that error.
type Writer struct {
	w    *bufio.Writer
	link models.LinkType
	err  error
}

// NewWriter writes a file header to w. The caller calls Flush and closes w.
func NewWriter(w io.Writer, link models.LinkType) (*Writer, error) {
	p := &Writer{w: bufio.NewWriterSize(w, 256<<10), link: link}
	var h [pcapFileHeader]byte
	binary.LittleEndian.PutUint32(h[0:], pcapNano)
	binary.LittleEndian.PutUint16(h[4:], 2)
	binary.LittleEndian.PutUint16(h[6:], 4)
	binary.LittleEndian.PutUint32(h[16:], capture.MaxFrame)
	binary.LittleEndian.PutUint32(h[20:], uint32(link))
	_, p.err = p.w.Write(h[:])
	return p, p.err
}

// Write appends f. A frame of another link type, with a time outside of 1970 to 2106, or
// larger than MaxFrame is an error; it is not written, and further frames can be.
func (p *Writer) Write(f *models.Frame) error {
	if p.err != nil {
		return p.err
	}
	sec := int64(f.TS) / 1e9
	switch {
	case f.Link != p.link:
		return fmt.Errorf("write pcap: a frame of link type %d in a file of link type %d", f.Link, p.link)
	case f.TS < 0 || sec > 1<<32-1:
		return fmt.Errorf("write pcap: time %s is out of range", f.TS)
	case len(f.Data) > capture.MaxFrame:
		return fmt.Errorf("write pcap: a frame of %d bytes, more than %d", len(f.Data), capture.MaxFrame)
	}
	var h [pcapRecordHeader]byte
	binary.LittleEndian.PutUint32(h[0:], uint32(sec))
	binary.LittleEndian.PutUint32(h[4:], uint32(int64(f.TS)%1e9))
	binary.LittleEndian.PutUint32(h[8:], uint32(len(f.Data)))
	binary.LittleEndian.PutUint32(h[12:], f.WireLen)
	p.w.Write(h[:])
	_, p.err = p.w.Write(f.Data) // bufio keeps the first error
	return p.err
}

// Flush writes buffered data.
func (p *Writer) Flush() error {
	if p.err == nil {
		p.err = p.w.Flush()
	}
	return p.err
}
