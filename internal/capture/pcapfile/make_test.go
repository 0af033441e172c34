package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// frames of tests: their lengths differ, so that a mistake of one byte shows.
var testFrames = [][]byte{
	bytes.Repeat([]byte{0xaa}, 60),
	append([]byte("\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x01\x08\x00"), make([]byte, 47)...),
	bytes.Repeat([]byte{0x55}, 75),
}

// pcapFile makes a capture of testFrames, one a second from second 10 on, with a
// fraction of 7 units, and one more byte on the wire than was captured.
func pcapFile(order binary.AppendByteOrder, magic uint32, link uint32) []byte {
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = order.AppendUint32(b, 65535)
	b = order.AppendUint32(b, link)
	for i, f := range testFrames {
		b = order.AppendUint32(b, uint32(10+i))
		b = order.AppendUint32(b, 7)
		b = order.AppendUint32(b, uint32(len(f)))
		b = order.AppendUint32(b, uint32(len(f)+1))
		if magic == pcapModified {
			b = append(b, make([]byte, 8)...)
		}
		b = append(b, f...)
	}
	return b
}

// ng makes pcapng blocks in one byte order.
type ng struct{ order binary.AppendByteOrder }

func (n ng) block(kind uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	b := n.order.AppendUint32(nil, kind)
	b = n.order.AppendUint32(b, uint32(len(body)+12))
	b = append(b, body...)
	return n.order.AppendUint32(b, uint32(len(body)+12))
}

func (n ng) section() []byte {
	b := n.order.AppendUint32(nil, ngByteOrder)
	b = n.order.AppendUint16(b, 1)
	b = n.order.AppendUint16(b, 0)
	return n.block(ngSection, append(b, bytes.Repeat([]byte{0xff}, 8)...))
}

// option is code, value; padded.
func (n ng) option(code uint16, v []byte) []byte {
	b := n.order.AppendUint16(nil, code)
	b = n.order.AppendUint16(b, uint16(len(v)))
	b = append(b, v...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func (n ng) iface(link uint16, snap uint32, options ...[]byte) []byte {
	b := n.order.AppendUint16(nil, link)
	b = n.order.AppendUint16(b, 0)
	b = n.order.AppendUint32(b, snap)
	return n.block(ngInterface, append(b, bytes.Join(options, nil)...))
}

func (n ng) enhanced(iface uint32, ts uint64, f []byte, options ...[]byte) []byte {
	b := n.order.AppendUint32(nil, iface)
	b = n.order.AppendUint32(b, uint32(ts>>32))
	b = n.order.AppendUint32(b, uint32(ts))
	b = n.order.AppendUint32(b, uint32(len(f)))
	b = n.order.AppendUint32(b, uint32(len(f)+1))
	b = append(b, f...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return n.block(ngEnhanced, append(b, bytes.Join(options, nil)...))
}

func (n ng) old(iface uint16, ts uint64, f []byte) []byte {
	b := n.order.AppendUint16(nil, iface)
	b = n.order.AppendUint16(b, 9) // drops
	b = n.order.AppendUint32(b, uint32(ts>>32))
	b = n.order.AppendUint32(b, uint32(ts))
	b = n.order.AppendUint32(b, uint32(len(f)))
	b = n.order.AppendUint32(b, uint32(len(f)))
	return n.block(ngOldPacket, append(b, f...))
}

func (n ng) simple(f []byte, wire int) []byte {
	return n.block(ngSimple, append(n.order.AppendUint32(nil, uint32(wire)), f...))
}

// got is a frame that was read.
type got struct {
	ts    models.Timestamp
	link  models.LinkType
	wire  uint32
	data  string
	iface string
}

// readAll reads a source to its end; the error is nil at io.EOF.
func readAll(s capture.Source) (out []got, err error) {
	var f models.Frame
	for {
		if err := s.Next(&f); errors.Is(err, capture.ErrIdle) {
			continue
		} else if errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return out, err
		}
		out = append(out, got{f.TS, f.Link, f.WireLen, string(f.Data), f.Iface})
	}
}

// write puts a file into the test's folder.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// quiet is options whose log goes to a buffer.
func quiet() (capture.Options, *bytes.Buffer) {
	var b bytes.Buffer
	return capture.Options{Log: slog.New(slog.NewTextHandler(&b, nil))}, &b
}
