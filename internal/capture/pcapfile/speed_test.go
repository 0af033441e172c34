package pcapfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/filter"
	"github.com/netlyra/netlyra/internal/models"
)

// many repeats the records of a capture after its head.
func many(head, record []byte, n int) []byte {
	return append(append([]byte(nil), head...), bytes.Repeat(record, n)...)
}

// bigPcap and bigPcapng have n frames of 362 bytes.
func bigPcap(n int) []byte {
	h := pcapFile(binary.LittleEndian, pcapMicro, 1)[:24]
	r := make([]byte, 16+362)
	binary.LittleEndian.PutUint32(r[8:], 362)
	binary.LittleEndian.PutUint32(r[12:], 362)
	return many(h, r, n)
}

func bigPcapng(n int) []byte {
	g := ng{binary.LittleEndian}
	return many(append(g.section(), g.iface(1, 0, g.option(optIfName, []byte("eth0")))...), g.enhanced(0, 1, make([]byte, 362)), n)
}

func TestNextDoesNotAllocate(t *testing.T) {
	opts := capture.Options{}
	if filter.Available() == nil {
		opts.Filter = "not port 99"
	}
	for name, data := range map[string][]byte{"pcap": bigPcap(20_000), "pcapng": bigPcapng(20_000), "gzip": gzipped(t, bigPcap(20_000))} {
		s := open(t, data, opts)
		var f models.Frame
		s.Next(&f)
		if n := testing.AllocsPerRun(15_000, func() {
			if err := s.Next(&f); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a frame", name, n)
		}
	}
}

func benchmarkNext(b *testing.B, data []byte) {
	path := write(b, "big", data)
	b.ReportAllocs()
	b.SetBytes(362)
	var s capture.Source
	var f models.Frame
	defer func() { s.Close() }()
	for i := 0; b.Loop(); i++ {
		if s == nil {
			s, _ = Open(path, capture.Options{})
		}
		if err := s.Next(&f); err == io.EOF {
			s.Close()
			s, _ = Open(path, capture.Options{})
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPcap(b *testing.B)   { benchmarkNext(b, bigPcap(100_000)) }
func BenchmarkPcapng(b *testing.B) { benchmarkNext(b, bigPcapng(100_000)) }
