package capture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/netlyra/netlyra/internal/models"
)

// maxZstdWindow is the largest window of zstd that is accepted: that of --long=27.
const maxZstdWindow = 128 << 20

// Magic bytes of compressed files.
var (
	magicGzip = []byte{0x1f, 0x8b}
	magicZstd = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// foreign is what people hand over instead of a capture, by its first bytes, and
// what to do about it.
var foreign = []struct{ magic, what string }{
	{"BZh", "a bzip2 file: unpack it first, bzcat FILE | netlyra … -"},
	{"\xfd7zXZ\x00", "an xz file: unpack it first, xzcat FILE | netlyra … -"},
	{"\x04\x22\x4d\x18", "an lz4 file: unpack it first, lz4cat FILE | netlyra … -"},
	{"PK\x03\x04", "a zip archive: unpack it first"},
	{"snoop\x00\x00\x00", "a snoop capture: convert it, editcap FILE out.pcapng"},
	{"\x7fELF", "a program"},
	{"SQLite format 3", "a database"},
}

// OpenFile opens a pcap or pcapng file, plain, gzip or zstd, told apart by its first
// bytes and not by its name; "-" is standard input. A file that is no capture, or
// empty, is an error that says what was found.
//
// Of standard input and named pipes nothing is read yet; what is wrong with them is
// said by Next, which also says ErrIdle while nothing comes (with the time of the last
// frame, for such a stream has no clock of its own).
func OpenFile(path string, opts Options) (Source, error) {
	s, err := openFile(path, opts)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func openFile(path string, opts Options) (*fileSource, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	opts = opts.withDefaults()
	if path == "-" {
		return newFileSource("standard input", os.Stdin, 0, opts)
	}
	size, err := fileSize(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open capture: %w", err)
	}
	s, err := newFileSource(path, f, size, opts)
	if err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

// fileSize looks at what a path is before it is opened. Pipes have no size.
func fileSize(path string) (int64, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return 0, fmt.Errorf("open capture: %w", err)
	case st.IsDir():
		return 0, fmt.Errorf("open capture %s: it is a directory, want a pcap or pcapng file", path)
	case st.Mode()&fs.ModeType != 0:
		return 0, nil
	case st.Size() == 0:
		return 0, fmt.Errorf("open capture %s: the file is empty, want pcap or pcapng", path)
	}
	return st.Size(), nil
}

// meter counts the bytes that are read of a file, for progress.
type meter struct {
	r io.Reader
	n atomic.Int64
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.n.Add(int64(n))
	return n, err
}

// unpack finds out how the stream is compressed and takes that away.
func unpack(r io.Reader) (io.Reader, func(), error) {
	br := bufio.NewReaderSize(r, 64<<10)
	b, err := br.Peek(4)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	none := func() {}
	switch {
	case bytes.HasPrefix(b, magicGzip):
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, nil, fmt.Errorf("gzip: %w", err)
		}
		return z, none, nil
	case bytes.HasPrefix(b, magicZstd):
		z, err := zstd.NewReader(br, zstd.WithDecoderMaxWindow(maxZstdWindow), zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, nil, fmt.Errorf("zstd: %w", err)
		}
		return z, z.Close, nil
	}
	return br, none, nil
}

// recordReader is what both formats have in common.
type recordReader interface {
	next(f *models.Frame) error
}

// openRecords reads the first bytes of an unpacked stream.
func openRecords(w *window, counts *Counts, links func(models.LinkType)) (recordReader, error) {
	b, err := w.peek(4)
	if err == io.EOF {
		return nil, fmt.Errorf("there is nothing in it, want pcap or pcapng")
	}
	if err != nil && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if len(b) == 4 {
		if _, ok := isPcap(b); ok {
			r, err := openPcap(w)
			if err == nil {
				links(r.link)
			}
			return r, err
		}
		if binary.LittleEndian.Uint32(b) == ngSection {
			return &ngReader{w: w, counts: counts, links: links}, openSection(w)
		}
	}
	if b, err = w.peek(32); err == ErrIdle {
		return nil, err
	}
	return nil, fmt.Errorf("not a capture: want pcap or pcapng, found %s", describe(b))
}

// openSection makes sure that at least the first section header is there.
func openSection(w *window) error {
	if b, err := w.peek(28); err == ErrIdle {
		return err
	} else if err != nil {
		return fmt.Errorf("the pcapng section header is cut after %d of at least 28 bytes", len(b))
	}
	return nil
}

// describe says what bytes look like that are no capture.
func describe(b []byte) string {
	for _, f := range foreign {
		if strings.HasPrefix(string(b), f.magic) {
			return f.what
		}
	}
	if bytes.HasPrefix(b, magicGzip) || bytes.HasPrefix(b, magicZstd) {
		return "a file that is compressed twice"
	}
	for _, c := range b {
		if c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return fmt.Sprintf("bytes % x", b[:min(len(b), 8)])
		}
	}
	return fmt.Sprintf("text that begins with %q", b)
}
