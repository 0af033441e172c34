package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
)

// drain reads records until they end and checks what every frame must be.
func drain(t *testing.T, data []byte) {
	var c capture.Counts
	w := newWindow(bytes.NewReader(data))
	r, err := openRecords(w, &c, func(models.LinkType) {})
	if err != nil {
		return
	}
	var f models.Frame
	last := int64(-1)
	for n := 0; ; n++ {
		err := r.next(&f)
		if err != nil {
			var bad *corruptError
			if err != io.EOF && err != io.ErrUnexpectedEOF && !errors.As(err, &bad) {
				t.Fatalf("an error of an unknown kind: %v", err)
			}
			return
		}
		if len(f.Data) > capture.MaxFrame || uint64(len(f.Data)) > uint64(f.WireLen) || len(f.Data) > len(data) {
			t.Fatalf("a frame of %d bytes, %d on the wire, in a file of %d", len(f.Data), f.WireLen, len(data))
		}
		if len(f.Iface) > maxIfaceName {
			t.Fatalf("an interface with a name of %d bytes", len(f.Iface))
		}
		if w.offset() <= last {
			t.Fatal("no progress")
		}
		last = w.offset()
	}
}

func FuzzPcap(f *testing.F) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, magic := range []uint32{pcapMicro, pcapNano, pcapModified} {
			f.Add(pcapFile(order, magic, 1))
		}
	}
	f.Fuzz(drain)
}

func FuzzPcapng(f *testing.F) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		n := ng{order}
		f.Add(bytes.Join([][]byte{n.section(), n.iface(1, 0, n.option(optIfName, []byte("eth0")), n.option(optTSResol, []byte{9}),
			n.option(optTSOffset, make([]byte, 8))), n.enhanced(0, 5, testFrames[0], n.option(1, []byte("hello"))), n.simple(testFrames[1], 61),
			n.old(0, 7, testFrames[2]), n.block(99, make([]byte, 9)), n.section()}, nil))
	}
	f.Fuzz(drain)
}
