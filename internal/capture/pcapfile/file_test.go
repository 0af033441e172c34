package pcapfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func open(t testing.TB, data []byte, opts capture.Options) capture.Source {
	t.Helper()
	s, err := Open(write(t, "a.pcap", data), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// want is testFrames as pcapFile makes them.
func want(unit models.Timestamp, link models.LinkType) (out []got) {
	for i, f := range testFrames {
		out = append(out, got{models.Timestamp(10+i)*1e9 + 7*unit, link, uint32(len(f) + 1), string(f), ""})
	}
	return out
}

func TestPcap(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want []got
	}{
		"little endian":             {pcapFile(binary.LittleEndian, pcapMicro, 1), want(1000, 1)},
		"big endian":                {pcapFile(binary.BigEndian, pcapMicro, 1), want(1000, 1)},
		"nanoseconds":               {pcapFile(binary.LittleEndian, pcapNano, 1), want(1, 1)},
		"nanoseconds big endian":    {pcapFile(binary.BigEndian, pcapNano, 1), want(1, 1)},
		"modified":                  {pcapFile(binary.LittleEndian, pcapModified, 1), want(1000, 1)},
		"checksum bits in the link": {pcapFile(binary.LittleEndian, pcapMicro, 0xf4000001), want(1000, 1)},
		"system's raw IP":           {pcapFile(binary.LittleEndian, pcapMicro, 12), want(1000, models.LinkRaw)},
		"unknown link type":         {pcapFile(binary.LittleEndian, pcapMicro, 147), want(1000, 147)},
		"no packets":                {pcapFile(binary.LittleEndian, pcapMicro, 1)[:24], nil},
	} {
		t.Run(name, func(t *testing.T) {
			opts, _ := quiet()
			s := open(t, c.data, opts)
			out, err := readAll(s)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, out, cmp.AllowUnexported(got{})); d != "" {
				t.Error(d)
			}
			st := s.Stats()
			if st.Received != uint64(len(c.want)) || st.Dropped != 0 || len(st.ByReason) != 0 {
				t.Errorf("stats %+v", st)
			}
			if done, total := s.(capture.Progresser).Progress(); done != total || total != int64(len(c.data)) {
				t.Errorf("progress %d of %d, file has %d", done, total, len(c.data))
			}
		})
	}
}

func TestPcapng(t *testing.T) {
	f := testFrames
	for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		t.Run(name, func(t *testing.T) {
			n, other := ng{order}, ng{binary.BigEndian}
			data := bytes.Join([][]byte{
				n.section(),
				n.iface(1, 0, n.option(optIfName, []byte("eth0"))),
				n.block(0xbad, []byte("an unknown block")),
				n.iface(101, 40, n.option(optIfName, []byte("tun0")), n.option(optTSResol, []byte{9}), n.option(optEnd, nil)),
				n.iface(1, 0, n.option(optTSResol, []byte{0x80 | 10}), n.option(optTSOffset, n.order.AppendUint64(nil, 100))),
				n.iface(1, 0, n.option(optTSResol, []byte{12})),
				n.enhanced(0, 1_000_007, f[0]),
				n.enhanced(1, 1_000_000_007, f[1], n.option(1, []byte("comment"))),
				n.enhanced(2, 1536, f[2]),
				n.enhanced(3, 5_000_000_000_999, f[0]),
				n.old(1, 8, f[2]),
				n.simple(f[0], 200),
				n.enhanced(9, 1, f[0]), // no such interface
				other.section(),
				other.iface(113, 50),
				other.enhanced(0, 3, f[1]),
				other.simple(f[0][:50], 60),
			}, nil)
			s := open(t, data, capture.Options{})
			out, err := readAll(s)
			if err != nil {
				t.Fatal(err)
			}
			want := []got{
				{1_000_007_000, 1, 61, string(f[0]), "eth0"},
				{1_000_000_007, 101, 62, string(f[1]), "tun0"},
				{101_500_000_000, 1, 76, string(f[2]), ""},
				{5_000_000_000, 1, 61, string(f[0]), ""},
				{8, 101, 75, string(f[2]), "tun0"},
				{0, 1, 200, string(f[0]), "eth0"},
				{3000, 113, 62, string(f[1]), ""},
				{0, 113, 60, string(f[0][:50]), ""},
			}
			if d := cmp.Diff(want, out, cmp.AllowUnexported(got{})); d != "" {
				t.Error(d)
			}
			if st := s.Stats(); st.Dropped != 1 || st.ByReason[vocabulary.DropNoInterface] != 1 {
				t.Errorf("stats %+v, want one packet without an interface", st)
			}
		})
	}
}

func TestTimestampResolutions(t *testing.T) {
	for _, c := range []struct {
		resol byte
		ts    uint64
		want  models.Timestamp
	}{
		{6, 1, 1000}, {0, 3, 3e9}, {9, 7, 7}, {12, 1999, 1}, {19, 1e12, 100}, {40, math.MaxUint64, 0},
		{0x80, 2, 2e9}, {0x80 | 32, 1 << 31, 5e8}, {0x80 | 64, 1 << 63, 5e8}, {0x80 | 127, math.MaxUint64, 0},
		{6, math.MaxUint64, math.MaxInt64}, {0, math.MaxUint64, math.MaxInt64}, {9, math.MaxUint64, math.MaxInt64},
	} {
		var i ngIface
		i.resolution(c.resol)
		if ts := i.timestamp(c.ts); ts != c.want {
			t.Errorf("resolution %#x: %d is %d ns, want %d", c.resol, c.ts, int64(ts), int64(c.want))
		}
	}
	i := ngIface{offset: saturate(math.MaxInt64)}
	i.resolution(9)
	if ts := i.timestamp(5); ts != math.MaxInt64 {
		t.Errorf("an absurd offset gives %d", int64(ts))
	}
}

// TestTimestampsAreUnchanged: zero, absurd and backward ones.
func TestTimestampsAreUnchanged(t *testing.T) {
	n := ng{binary.LittleEndian}
	s := open(t, bytes.Join([][]byte{n.section(), n.iface(1, 0), n.enhanced(0, 5, testFrames[0]), n.enhanced(0, 0, testFrames[0]),
		n.enhanced(0, 1<<63, testFrames[0]), n.enhanced(0, 4, testFrames[0])}, nil), capture.Options{})
	out, err := readAll(s)
	if err != nil || len(out) != 4 {
		t.Fatal(len(out), err)
	}
	for i, want := range []models.Timestamp{5000, 0, math.MaxInt64, 4000} {
		if out[i].ts != want {
			t.Errorf("frame %d at %d, want %d", i, int64(out[i].ts), int64(want))
		}
	}
}

func gzipped(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func zstded(t testing.TB, b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

func TestCompressed(t *testing.T) {
	n := ng{binary.LittleEndian}
	plain := pcapFile(binary.LittleEndian, pcapMicro, 1)
	png := bytes.Join([][]byte{n.section(), n.iface(1, 0), n.enhanced(0, 5, testFrames[0])}, nil)
	two := append(gzipped(t, plain[:100]), gzipped(t, plain[100:])...) // two members are one file
	for name, c := range map[string]struct {
		data   []byte
		frames int
	}{"gzip": {gzipped(t, plain), 3}, "zstd": {zstded(t, plain), 3}, "pcapng in zstd": {zstded(t, png), 1}, "two members": {two, 3}} {
		s := open(t, c.data, capture.Options{})
		out, err := readAll(s)
		if err != nil || len(out) != c.frames {
			t.Errorf("%s: %d frames, %v; want %d", name, len(out), err, c.frames)
		}
		if done, total := s.(capture.Progresser).Progress(); done != total || total != int64(len(c.data)) {
			t.Errorf("%s: progress %d of %d", name, done, total)
		}
	}
}

// TestStandardInput reads a pipe record by record: each is there as soon as it was written.
func TestStandardInput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func(old *os.File) { os.Stdin = old; r.Close() }(os.Stdin)
	os.Stdin = r
	data := pcapFile(binary.LittleEndian, pcapMicro, 1)
	w.Write(data[:24])
	s, err := Open("-", capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var f models.Frame
	at := 24
	for i, want := range testFrames {
		w.Write(data[at : at+16+len(want)])
		at += 16 + len(want)
		if err := patient(s, &f); err != nil || string(f.Data) != string(want) {
			t.Fatalf("frame %d: %v", i, err)
		}
		if err := s.Next(&f); err != capture.ErrIdle || f.TS != models.Timestamp(10+i)*1e9+7000 {
			t.Fatalf("after frame %d: %v at %v, want idle at its time", i, err, f.TS)
		}
	}
	w.Close()
	if out, err := readAll(s); len(out) != 0 || err != nil {
		t.Errorf("%d more frames, %v", len(out), err)
	}
	if _, total := s.(capture.Progresser).Progress(); total != 0 {
		t.Errorf("a pipe has %d bytes in total", total)
	}
}

// patient is Next that waits.
func patient(s capture.Source, f *models.Frame) error {
	for {
		if err := s.Next(f); err != capture.ErrIdle {
			return err
		}
	}
}

// TestPipeInPieces: however a stream is cut into pieces, nothing is read twice or lost.
func TestPipeInPieces(t *testing.T) {
	n := ng{binary.LittleEndian}
	png := bytes.Join([][]byte{n.section(), n.iface(1, 0, n.option(optIfName, []byte("eth0"))), n.block(99, make([]byte, 30)), n.enhanced(0, 5, testFrames[0]), n.simple(testFrames[1], 61)}, nil)
	for name, data := range map[string][]byte{"pcap": pcapFile(binary.BigEndian, pcapMicro, 1), "pcapng": png, "zstd": zstded(t, png), "gzip": gzipped(t, png)} {
		want, err := readAll(open(t, data, capture.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		for cut := 1; cut < len(data); cut += 7 {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			s, err := newFileSource("pipe", r, 0, capture.Options{}.WithDefaults())
			if err != nil {
				t.Fatal(err)
			}
			w.Write(data[:cut])
			var out []got
			var f models.Frame
			sent := false
			for {
				err := s.Next(&f)
				if err == capture.ErrIdle && !sent { // the first piece is consumed
					w.Write(data[cut:])
					w.Close()
					sent = true
					continue
				}
				if err == io.EOF {
					break
				}
				if err != nil && err != capture.ErrIdle {
					t.Fatalf("%s cut at %d: %v", name, cut, err)
				}
				if err == nil {
					out = append(out, got{f.TS, f.Link, f.WireLen, string(f.Data), f.Iface})
				}
			}
			if d := cmp.Diff(want, out, cmp.AllowUnexported(got{})); d != "" {
				t.Errorf("%s cut at %d: %s", name, cut, d)
			}
			s.Close()
		}
	}
}

// TestPipeThatIsNoCapture: the first Next returns the error.
func TestPipeThatIsNoCapture(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{"words": {"hello, world", `"hello, world"`}, "nothing": {"", "no data"}, "gzip": {"\x1f\x8b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "gzip"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		s, err := newFileSource("standard input", r, 0, capture.Options{}.WithDefaults())
		if err != nil {
			t.Fatal(err)
		}
		w.WriteString(c.data)
		w.Close()
		var f models.Frame
		if err := patient(s, &f); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "standard input") {
			t.Errorf("%s: error %v", name, err)
		}
		s.Close()
	}
}

func TestSnapLength(t *testing.T) {
	s := open(t, pcapFile(binary.LittleEndian, pcapMicro, 1), capture.Options{SnapLen: 64})
	out, err := readAll(s)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range out {
		if want := min(64, len(testFrames[i])); len(f.data) != want || int(f.wire) != len(testFrames[i])+1 {
			t.Errorf("frame %d: %d bytes of %d, want %d", i, len(f.data), f.wire, want)
		}
	}
}

func TestSeveralFiles(t *testing.T) {
	a := write(t, "a", pcapFile(binary.LittleEndian, pcapMicro, 1))
	b := write(t, "b", gzipped(t, pcapFile(binary.BigEndian, pcapNano, 113)))
	s, err := OpenAll([]string{a, b}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := readAll(s)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(append(want(1000, 1), want(1, 113)...), out, cmp.AllowUnexported(got{})); d != "" {
		t.Error(d)
	}
	if st := s.Stats(); st.Received != 6 {
		t.Errorf("stats %+v", st)
	}
	if done, total := s.(capture.Progresser).Progress(); done != total || total == 0 {
		t.Errorf("progress %d of %d", done, total)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	_, err = OpenAll([]string{a, filepath.Join(t.TempDir(), "missing")}, capture.Options{})
	if err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a missing second file: %v", err)
	}
}

func TestWriterIsRead(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, models.LinkEthernet)
	if err != nil {
		t.Fatal(err)
	}
	f := models.Frame{TS: 1_700_000_000_123_456_789, Link: 1, WireLen: 70, Data: testFrames[0]}
	if err := w.Write(&f); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []models.Frame{{TS: -1, Link: 1}, {Link: 101}, {TS: math.MaxInt64, Link: 1}, {Link: 1, Data: make([]byte, capture.MaxFrame+1)}} {
		if err := w.Write(&bad); err == nil {
			t.Errorf("a frame was written that does not fit: %v %d", bad.TS, bad.Link)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	out, err := readAll(open(t, b.Bytes(), capture.Options{}))
	if err != nil || len(out) != 1 || out[0] != (got{f.TS, 1, 70, string(f.Data), ""}) {
		t.Errorf("%v %v", out, err)
	}
}
