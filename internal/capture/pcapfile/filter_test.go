package pcapfile

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/filter"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func TestFilterOnFiles(t *testing.T) {
	if err := filter.Available(); err != nil {
		t.Skip(err)
	}
	n := ng{binary.LittleEndian}
	syn := append([]byte("\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x01\x08\x00\x45\x00\x00\x28\x00\x01\x40\x00\x04\x06\x00\x00"),
		192, 168, 1, 10, 10, 0, 0, 1, 0x30, 0x39, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0)
	data := bytes.Join([][]byte{n.section(), n.iface(1, 0), n.iface(101, 0),
		n.enhanced(0, 1, syn), n.enhanced(1, 2, syn[14:]), n.enhanced(0, 3, testFrames[0]), n.enhanced(1, 4, testFrames[2])}, nil)
	s := open(t, data, capture.Options{Filter: "tcp port 80"})
	out, err := readAll(s)
	if err != nil || len(out) != 2 || out[0].link != 1 || out[1].link != 101 {
		t.Fatalf("%+v, %v; want the SYN of each link type", out, err)
	}
	if st := s.Stats(); st.ByReason[vocabulary.DropFilter] != 2 || st.Dropped != 0 || st.Received != 2 {
		t.Errorf("stats %+v, want 2 skipped and none lost", st)
	}
	_, err = Open(write(t, "x", pcapFile(binary.LittleEndian, pcapMicro, 1)), capture.Options{Filter: "tcp prt 80"})
	if err == nil || !strings.Contains(err.Error(), `"tcp prt 80"`) || !strings.Contains(err.Error(), "syntax error") {
		t.Errorf("a wrong expression: %v", err)
	}
}
