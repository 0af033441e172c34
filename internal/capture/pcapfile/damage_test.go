package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// TestNoCapture: what is handed over by mistake is named.
func TestNoCapture(t *testing.T) {
	plain := pcapFile(binary.LittleEndian, pcapMicro, 1)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":         {nil, "the file is empty"},
		"text":          {[]byte("index,label\n1,0\n"), `text that begins with "index,label\n1,0\n"`},
		"three bytes":   {plain[:3], "found bytes d4 c3 b2"},
		"noise":         {[]byte{0, 1, 2, 3, 4, 5, 6, 7, 8}, "found bytes 00 01 02 03"},
		"bzip2":         {[]byte("BZh91AY"), "bzip2"},
		"snoop":         {[]byte("snoop\x00\x00\x00\x00\x00\x00\x02"), "editcap"},
		"cut header":    {plain[:20], "truncated: 20 of 24 bytes"},
		"version":       {append([]byte{0xd4, 0xc3, 0xb2, 0xa1, 9, 0, 1, 0}, make([]byte, 16)...), "version 9.1"},
		"gzip of none":  {gzipped(t, nil), "no data"},
		"gzip twice":    {gzipped(t, gzipped(t, plain)), "compressed twice"},
		"broken gzip":   {[]byte{0x1f, 0x8b, 0xff, 0xff, 0xff}, "gzip"},
		"cut pcapng":    {ng{binary.LittleEndian}.section()[:20], "truncated: 20"},
		"gzipped words": {gzipped(t, []byte("hello")), `"hello"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "input", c.data)
			s, err := Open(path, capture.Options{})
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %q names not %q and the file", err, c.want)
			}
		})
	}
	if _, err := Open(t.TempDir(), capture.Options{}); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("a directory: %v", err)
	}
}

// TestTruncatedTail: wherever a file is cut, the whole packets before are read, the cut one
// is counted, and one warning is logged.
func TestTruncatedTail(t *testing.T) {
	n := ng{binary.BigEndian}
	for name, parts := range map[string][][]byte{
		"pcap":   pcapParts(),
		"pcapng": {append(n.section(), n.iface(1, 0)...), n.enhanced(0, 1, testFrames[0]), n.block(77, make([]byte, 40)), n.simple(testFrames[1], 61)},
	} {
		whole := bytes.Join(parts, nil)
		frames := 0
		for i, at := 1, len(parts[0]); i < len(parts); i++ {
			for cut := 0; cut < len(parts[i]); cut++ {
				opts, log := quiet()
				s := open(t, whole[:at+cut], opts)
				out, err := readAll(s)
				if err != nil {
					t.Fatalf("%s cut at %d: %v", name, at+cut, err)
				}
				st := s.Stats()
				var lost uint64
				if cut > 0 {
					lost = 1
				}
				if len(out) != frames || st.Dropped != lost || st.ByReason[vocabulary.DropTruncated] != lost || uint64(strings.Count(log.String(), "level=WARN")) != lost {
					t.Fatalf("%s cut at %d: %d frames, want %d; %+v; log %q", name, at+cut, len(out), frames, st, log)
				}
			}
			if len(parts[i]) != 52 { // all but the unknown block
				frames++
			}
			at += len(parts[i])
		}
	}
}

func pcapParts() [][]byte {
	b := pcapFile(binary.LittleEndian, pcapMicro, 1)
	parts, at := [][]byte{b[:24]}, 24
	for _, f := range testFrames {
		parts = append(parts, b[at:at+16+len(f)])
		at += 16 + len(f)
	}
	return parts
}

// TestTruncatedGzip: a compressed file without its end is a cut file.
func TestTruncatedGzip(t *testing.T) {
	var frames [][]byte
	for i := range 2000 {
		frames = append(frames, []byte(fmt.Sprintf("%020d%040d", i*7919, i)))
	}
	b := pcapFile(binary.LittleEndian, pcapMicro, 1)[:24]
	for _, f := range frames {
		b = append(b, make([]byte, 8)...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	for name, z := range map[string][]byte{"gzip": gzipped(t, b), "zstd": zstded(t, b)} {
		opts, log := quiet()
		s, err := Open(write(t, "z", z[:len(z)-9]), opts)
		if err != nil {
			continue // zstd gives nothing of a block that is cut
		}
		_, err = readAll(s)
		if err != nil || s.Stats().ByReason[vocabulary.DropTruncated] != 1 || !strings.Contains(log.String(), "event=capture_truncated") {
			t.Errorf("%s: %v %+v", name, err, s.Stats())
		}
		s.Close()
	}
}

// TestCorrupt: records that contradict themselves are errors with file and offset,
// after the packets before them, and allocate nothing by what they claim.
func TestCorrupt(t *testing.T) {
	n := ng{binary.LittleEndian}
	head := append(n.section(), n.iface(1, 0)...)
	good := n.enhanced(0, 1, testFrames[0])
	forged := func(kind, length uint32) []byte {
		b := binary.LittleEndian.AppendUint32(nil, kind)
		return append(binary.LittleEndian.AppendUint32(b, length), make([]byte, 100)...)
	}
	pcap := pcapParts()
	big := append([]byte(nil), pcap[2]...)
	binary.LittleEndian.PutUint32(big[8:], capture.MaxFrame+1)
	caplen := append([]byte(nil), good...)
	binary.LittleEndian.PutUint32(caplen[20:], 100)
	tail := append([]byte(nil), good...)
	tail[len(tail)-4]++
	noOrder := n.section()
	noOrder[8] = 0

	for name, c := range map[string]struct {
		head, bad []byte
		want      string
	}{
		"pcap length":          {append(append([]byte(nil), pcap[0]...), pcap[1]...), big, "claims 262145 captured bytes"},
		"block length":         {append(head, good...), forged(ngEnhanced, 0xfffffff0), "claims 4294967280 bytes"},
		"interface length":     {append(head, good...), forged(ngInterface, 0x7ffffff0), "claims 2147483632 bytes"},
		"section length":       {append(head, good...), forged(0, 0), "length of 0"},
		"block not of fours":   {append(head, good...), forged(ngEnhanced, 61), "length of 61"},
		"more than its block":  {append(head, good...), caplen, "100 captured bytes in a pcapng block of"},
		"lengths that differ":  {append(head, good...), tail, "at its begin and"},
		"no byte order":        {append(head, good...), noOrder, "byte-order mark"},
		"tiny interface":       {append(head, good...), n.block(ngInterface, nil), "interface block of 12"},
		"tiny section":         {append(head, good...), append(noOrderFixed(n), 16, 0, 0, 0), "section header of 16"},
		"unknown and differ":   {append(head, good...), append(forged(99, 108)[:104], 1, 0, 0, 0), "108 at its begin and 1"},
		"simple above a frame": {append(head, good...), n.simple(make([]byte, capture.MaxFrame+8), capture.MaxFrame+8), "maximum is 262144"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "bad.cap", append(append([]byte(nil), c.head...), c.bad...))
			s, err := Open(path, capture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			out, err := readAll(s)
			if len(out) != 1 {
				t.Errorf("%d frames before it, want 1", len(out))
			}
			where := fmt.Sprintf("offset %d", len(c.head))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), where) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want %q at %s", err, c.want, where)
			}
			var f models.Frame
			if again := s.Next(&f); again == nil || again.Error() != err.Error() {
				t.Errorf("the next call says %v", again)
			}
		})
	}
}

// noOrderFixed begins a section that claims 16 bytes.
func noOrderFixed(n ng) []byte {
	b := n.order.AppendUint32(nil, ngSection)
	b = n.order.AppendUint32(b, 16)
	return n.order.AppendUint32(b, ngByteOrder)
}

// TestUnreadablePackets: they are counted and skipped.
func TestUnreadablePackets(t *testing.T) {
	n := ng{binary.LittleEndian}
	s := open(t, bytes.Join([][]byte{n.section(), n.simple(testFrames[0], 60), n.block(ngEnhanced, make([]byte, 8)), n.iface(1, 0),
		n.block(ngSimple, nil), n.enhanced(0, 1, testFrames[0])}, nil), capture.Options{})
	out, err := readAll(s)
	if err != nil || len(out) != 1 {
		t.Fatalf("%d frames, %v", len(out), err)
	}
	if st := s.Stats(); st.Dropped != 3 || st.ByReason[vocabulary.DropNoInterface] != 1 || st.ByReason[vocabulary.DropMalformed] != 2 {
		t.Errorf("stats %+v", st)
	}
}

// TestDecodesOption: Options.Decodes is called once for each link type of a file, and its
// error is logged.
func TestDecodesOption(t *testing.T) {
	n := ng{binary.LittleEndian}
	for name, data := range map[string][]byte{
		"pcap":   pcapFile(binary.LittleEndian, pcapMicro, 239),
		"pcapng": bytes.Join([][]byte{n.section(), n.iface(239, 0), n.iface(239, 0), n.enhanced(1, 5, testFrames[0]), n.section(), n.iface(239, 0)}, nil),
	} {
		for _, answer := range []error{nil, errors.New("not supported")} {
			opts, log := quiet()
			asked := 0
			opts.Decodes = func(l models.LinkType) error {
				if asked++; l != 239 {
					t.Errorf("%s: asked for %d", name, l)
				}
				return answer
			}
			if _, err := readAll(open(t, data, opts)); err != nil || asked != 1 {
				t.Errorf("%s: %v, asked %d times", name, err, asked)
			}
			warned := strings.Contains(log.String(), "event=link_type_not_decoded") && strings.Contains(log.String(), "not supported")
			if warned != (answer != nil) || answer == nil && log.Len() > 0 {
				t.Errorf("%s: answer %v, log %q", name, answer, log)
			}
		}
	}
}

// TestLargeBlocks: unknown blocks of any length are skipped, known ones up to the
// bound, and a packet with large options is read.
func TestLargeBlocks(t *testing.T) {
	n := ng{binary.LittleEndian}
	var comments [][]byte
	for range 20 {
		comments = append(comments, n.option(1, make([]byte, 60_000)))
	}
	data := bytes.Join([][]byte{n.section(), n.iface(1, 0), n.block(0xbad, make([]byte, 20<<20)), n.enhanced(0, 1, testFrames[0], comments...), n.enhanced(0, 2, testFrames[1])}, nil)
	out, err := readAll(open(t, data, capture.Options{}))
	if err != nil || len(out) != 2 || out[0].data != string(testFrames[0]) || out[1].data != string(testFrames[1]) {
		t.Errorf("%d frames, %v", len(out), err)
	}
}
