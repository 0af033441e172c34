package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

var bothOrders = map[string]binary.AppendByteOrder{"little-endian": binary.LittleEndian, "big-endian": binary.BigEndian}

// record is one packet of a generated capture.
type record struct {
	ts   uint64 // in units of the file
	wire uint32
	data []byte
}

func drawRecords(rng *rand.Rand, n int) []record {
	out := make([]record, n)
	for i := range out {
		b := make([]byte, rng.IntN(200))
		for j := range b {
			b[j] = byte(rng.Uint32())
		}
		out[i] = record{ts: rng.Uint64() >> (24 + rng.IntN(40)), wire: uint32(len(b) + rng.IntN(3)*1000), data: b}
	}
	return out
}

// TestRandomPcap writes random records in each variant and byte order of pcap and reads them
// again.
func TestRandomPcap(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 40))
	for name, order := range bothOrders {
		for _, magic := range []uint32{pcapMicro, pcapNano, pcapModified} {
			perSecond, unit := uint64(1e6), uint64(1000)
			if magic == pcapNano {
				perSecond, unit = 1e9, 1
			}
			link := models.LinkType(rng.IntN(300))
			b := order.AppendUint32(nil, magic)
			b = order.AppendUint16(b, 2)
			b = order.AppendUint16(b, 4)
			b = append(b, make([]byte, 12)...)
			b = order.AppendUint32(b, uint32(link)|0xf000_0000) // the upper bits are about checksums of frames
			var want []got
			for _, r := range drawRecords(rng, 200) {
				sec, frac := r.ts/perSecond%(1<<32), r.ts%perSecond
				b = order.AppendUint32(b, uint32(sec))
				b = order.AppendUint32(b, uint32(frac))
				b = order.AppendUint32(b, uint32(len(r.data)))
				b = order.AppendUint32(b, r.wire)
				if magic == pcapModified {
					b = append(b, 1, 2, 3, 4, 5, 6, 7, 8)
				}
				b = append(b, r.data...)
				want = append(want, got{ts: models.Timestamp(sec*1e9 + frac*unit), link: linkOf(uint16(link)), wire: r.wire, data: string(r.data)})
			}
			out, err := readAll(open(t, b, capture.Options{}))
			if err != nil || !slices.Equal(out, want) {
				t.Errorf("%s, magic %#x: %d frames, %v; want %d", name, magic, len(out), err, len(want))
			}
		}
	}
}

// TestRandomPcapng mixes sections of both byte orders with interfaces of several link types
// and all packet blocks, between blocks that are skipped.
func TestRandomPcapng(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 41))
	for range 30 {
		var b []byte
		var want []got
		for range 1 + rng.IntN(4) {
			n := ng{binary.LittleEndian}
			if rng.IntN(2) == 0 {
				n.order = binary.BigEndian
			}
			b = append(b, n.section()...)
			links := make([]models.LinkType, 1+rng.IntN(4))
			for i := range links {
				links[i] = models.LinkType(50 + rng.IntN(200))
				b = append(b, n.iface(uint16(links[i]), 0, n.option(optIfName, fmt.Appendf(nil, "if%d", i)), n.option(optTSResol, []byte{9}), n.option(optEnd, nil))...)
			}
			for _, r := range drawRecords(rng, rng.IntN(30)) {
				i := rng.IntN(len(links))
				w := got{ts: models.Timestamp(r.ts), link: links[i], data: string(r.data), iface: fmt.Sprintf("if%d", i)}
				switch rng.IntN(5) {
				case 0:
					b = append(b, n.block(4+uint32(rng.IntN(2)), r.data)...) // names, statistics
					continue
				case 1:
					w.wire = uint32(len(r.data))
					b = append(b, n.old(uint16(i), r.ts, r.data)...)
				case 2:
					w.ts, w.link, w.iface, w.wire = 0, links[0], "if0", uint32(len(r.data))
					b = append(b, n.simple(r.data, len(r.data))...)
				default:
					w.wire = uint32(len(r.data) + 1)
					b = append(b, n.enhanced(uint32(i), r.ts, r.data, n.option(1, []byte("comment")), n.option(optEnd, nil))...)
				}
				want = append(want, w)
			}
		}
		out, err := readAll(open(t, b, capture.Options{}))
		if err != nil || !slices.Equal(out, want) {
			t.Fatalf("%d frames, %v; want %d", len(out), err, len(want))
		}
	}
}

// TestEveryTimeResolution compares the conversion with exact arithmetic for all 256 values of
// the option.
func TestEveryTimeResolution(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 42))
	second, limit := big.NewInt(1e9), big.NewInt(1<<63-1)
	for v := range 256 {
		perSecond := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(v&0x7f)), nil)
		if v&0x80 != 0 {
			perSecond.Lsh(big.NewInt(1), uint(v&0x7f))
		}
		var i ngIface
		i.resolution(byte(v))
		for range 50 {
			ts := rng.Uint64() >> rng.IntN(64)
			want := new(big.Int).Mul(new(big.Int).SetUint64(ts), second)
			if want.Div(want, perSecond); want.Cmp(limit) > 0 {
				want = limit
			}
			if got := i.timestamp(ts); int64(got) != want.Int64() {
				t.Fatalf("resolution %#x: %d is %d ns, want %s", v, ts, int64(got), want)
			}
		}
	}
}

// TestTimeOffset: the option is in seconds, signed, and in the byte order of the section.
func TestTimeOffset(t *testing.T) {
	for name, order := range bothOrders {
		n := ng{order}
		for _, c := range []struct {
			offset int64
			want   models.Timestamp
		}{{0, 2e9}, {3, 5e9}, {-1, 1e9}, {-5, -3e9}, {1_700_000_000, 1_700_000_002e9}, {1 << 40, 1<<63 - 1}} {
			b := bytes.Join([][]byte{n.section(), n.iface(1, 0, n.option(optTSOffset, order.AppendUint64(nil, uint64(c.offset)))), n.enhanced(0, 2e6, testFrames[0])}, nil)
			out, err := readAll(open(t, b, capture.Options{}))
			if err != nil || len(out) != 1 || out[0].ts != c.want {
				t.Errorf("%s, offset %d s: %+v, %v; want %d ns", name, c.offset, out, err, int64(c.want))
			}
		}
	}
}

// TestInterfaceOptions: options of a wrong length, unknown ones and those after the end do not
// count, and none moves the next one.
func TestInterfaceOptions(t *testing.T) {
	n := ng{binary.LittleEndian}
	name := func(s string) []byte { return n.option(optIfName, []byte(s)) }
	nano, end := n.option(optTSResol, []byte{9}), n.option(optEnd, nil)
	beyond := []byte{optTSResol, 0, 200, 0, 9, 0, 0, 0} // claims 200 bytes
	for _, c := range []struct {
		name    string
		options [][]byte
		iface   string
		ts      models.Timestamp // of time 7
	}{
		{"none", nil, "", 7000},
		{"name and resolution", [][]byte{name("eth0"), nano, end}, "eth0", 7},
		{"without an end", [][]byte{name("eth0"), nano}, "eth0", 7},
		{"padded name", [][]byte{name("abcde"), nano}, "abcde", 7},
		{"name with a final zero", [][]byte{name("eth0\x00"), nano}, "eth0", 7},
		{"empty name", [][]byte{name(""), nano}, "", 7},
		{"name that is not UTF-8", [][]byte{name("e\xfft"), nano}, "et", 7},
		{"long name", [][]byte{name(strings.Repeat("x", 5000)), nano}, strings.Repeat("x", maxIfaceName), 7},
		{"unknown option before", [][]byte{n.option(12, []byte("operating system")), nano, name("a")}, "a", 7},
		{"after the end", [][]byte{end, name("eth0"), nano}, "", 7000},
		{"resolution of two bytes", [][]byte{n.option(optTSResol, []byte{9, 9}), name("a")}, "a", 7000},
		{"offset of four bytes", [][]byte{n.option(optTSOffset, []byte{1, 0, 0, 0}), name("a")}, "a", 7000},
		{"beyond the block", [][]byte{name("a"), beyond}, "a", 7000},
		{"resolution twice", [][]byte{nano, n.option(optTSResol, []byte{3})}, "", 7e6},
	} {
		out, err := readAll(open(t, bytes.Join([][]byte{n.section(), n.iface(1, 0, c.options...), n.enhanced(0, 7, testFrames[0])}, nil), capture.Options{}))
		if err != nil || len(out) != 1 || out[0].iface != c.iface || out[0].ts != c.ts {
			t.Errorf("%s: %.200v, %v; want interface %.20q, time %d", c.name, out, err, c.iface, int64(c.ts))
		}
	}
}

// TestSectionForgetsInterfaces: an interface number is valid within its section only.
func TestSectionForgetsInterfaces(t *testing.T) {
	le, be := ng{binary.LittleEndian}, ng{binary.BigEndian}
	s := open(t, bytes.Join([][]byte{le.section(), le.iface(1, 0), le.iface(101, 0), le.enhanced(1, 1, testFrames[0]),
		be.section(), be.enhanced(0, 2, testFrames[0]), be.iface(9, 0), be.enhanced(1, 3, testFrames[0]), be.enhanced(0, 4, testFrames[1])}, nil), capture.Options{})
	out, err := readAll(s)
	if err != nil || len(out) != 2 || out[0].link != models.LinkRaw || out[1].link != models.LinkPPP || out[1].ts != 4000 {
		t.Errorf("%+v, %v", out, err)
	}
	if n := s.Stats().ByReason[vocabulary.DropNoInterface]; n != 2 {
		t.Errorf("%d packets without an interface, want 2", n)
	}
}

// TestSimplePacketLength: the captured length of a simple packet follows from the length on
// the wire, the snap length of the interface and the block.
func TestSimplePacketLength(t *testing.T) {
	for name, order := range bothOrders {
		n := ng{order}
		for _, c := range []struct {
			snap     uint32
			wire     int
			body     int
			captured int
		}{{0, 60, 60, 60}, {0, 61, 61, 61}, {40, 1500, 40, 40}, {41, 1500, 41, 41}, {40, 20, 20, 20}, {0, 1500, 96, 96}, {2000, 1500, 96, 96}} {
			b := bytes.Join([][]byte{n.section(), n.iface(1, c.snap), n.simple(bytes.Repeat([]byte{7}, c.body), c.wire)}, nil)
			out, err := readAll(open(t, b, capture.Options{}))
			if err != nil || len(out) != 1 || len(out[0].data) != c.captured || int(out[0].wire) != c.wire {
				t.Errorf("%s, snap %d, wire %d, %d bytes: %v, %v", name, c.snap, c.wire, c.body, out, err)
			}
		}
	}
}

// TestEveryPrefix cuts a capture of each format at each byte: the complete records before the
// cut are read, a partial one is counted once, and the end is io.EOF.
func TestEveryPrefix(t *testing.T) {
	for name, order := range bothOrders {
		n := ng{order}
		head := bytes.Join([][]byte{n.section(), n.iface(1, 0)}, nil)
		for format, parts := range map[string][][]byte{
			"pcapng": {head, n.enhanced(0, 1, testFrames[0]), n.old(0, 2, testFrames[2]), n.simple(testFrames[0], 60)},
			"pcap":   splitPcap(pcapFile(order, pcapMicro, 1)),
		} {
			whole := bytes.Join(parts, nil)
			for cut := len(parts[0]); cut <= len(whole); cut++ {
				complete, at := 0, len(parts[0])
				for _, p := range parts[1:] {
					if at+len(p) > cut {
						break
					}
					at += len(p)
					complete++
				}
				opts, _ := quiet()
				s := open(t, whole[:cut], opts)
				out, err := readAll(s)
				truncated := s.Stats().ByReason[vocabulary.DropTruncated]
				if err != nil || len(out) != complete || (truncated == 1) != (at < cut) {
					t.Fatalf("%s %s cut at %d: %d frames, %d truncated, %v; want %d", name, format, cut, len(out), truncated, err, complete)
				}
				var f models.Frame
				if err := s.Next(&f); !errors.Is(err, io.EOF) {
					t.Fatalf("%s %s cut at %d: Next at the end returns %v", name, format, cut, err)
				}
			}
		}
	}
}

// splitPcap returns the file header and the records of pcapFile.
func splitPcap(b []byte) [][]byte {
	parts := [][]byte{b[:pcapFileHeader]}
	b = b[pcapFileHeader:]
	for _, f := range testFrames {
		n := pcapRecordHeader + len(f)
		parts = append(parts, b[:n])
		b = b[n:]
	}
	return parts
}
