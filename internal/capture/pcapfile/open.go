package pcapfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/unpack"
	"github.com/netlyra/netlyra/internal/models"
)

// foreign lists other file formats by their first bytes, with what to do about them.
var foreign = []struct{ magic, what string }{
	{"\xfd7zXZ\x00", "an xz file: decompress it first, xzcat FILE | netlyra … -"},
	{"\x5d\x00\x00", "an lzma file: decompress it first, xzcat FILE | netlyra … -"},
	{"LZIP", "an lzip file: decompress it first, lzip -dc FILE | netlyra … -"},
	{"\x1f\x9d", "a file made by compress: decompress it first, gzip -dc FILE | netlyra … -"},
	{"\xff\x06\x00\x00sNaPpY", "a snappy file: decompress it first"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: decompress it first"},
	{"Rar!\x1a\x07", "a RAR archive: decompress it first"},
	{"PK\x03\x04", "a zip archive: decompress it first"},
	{"snoop\x00\x00\x00", "a snoop capture: convert it, editcap FILE out.pcapng"},
	{"GMBU", "a Network Monitor capture: convert it, editcap FILE out.pcapng"},
	{"TRSNIFF data", "a Sniffer capture: convert it, editcap FILE out.pcapng"},
	{"btsnoop\x00", "a Bluetooth capture, which has no IP packets"},
	{"\x7fELF", "a program"},
	{"SQLite format 3", "a database"},
}

// Open opens a pcap or pcapng file, plain or compressed (gzip, zstd, bzip2, lz4). The first
// bytes decide the format, not the name; "-" is standard input. For an empty file or another
// format the error says what was found.
//
// Standard input and named pipes are not read by Open: Next returns their errors, and
// ErrIdle while they have no data, with the time of the last frame.
func Open(path string, opts capture.Options) (capture.Source, error) {
	s, err := openFile(path, opts)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func openFile(path string, opts capture.Options) (*fileSource, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	opts = opts.WithDefaults()
	if path == "-" {
		return newFileSource("standard input", os.Stdin, 0, opts)
	}
	size, err := fileSize(path)
	if err != nil {
		return nil, err
	}
	f, err := openPath(path)
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

// fileSize checks a path before it is opened and returns its size, 0 for pipes.
func fileSize(path string) (int64, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return 0, fmt.Errorf("open capture: %w", err)
	case st.IsDir():
		return 0, fmt.Errorf("open capture %s: is a directory, want a pcap or pcapng file", path)
	case st.Mode()&fs.ModeType != 0:
		return 0, nil
	case st.Size() == 0:
		return 0, fmt.Errorf("open capture %s: the file is empty, want pcap or pcapng", path)
	}
	return st.Size(), nil
}

// meter counts the bytes read from a file, for progress.
type meter struct {
	r io.Reader
	n atomic.Int64
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.n.Add(int64(n))
	return n, err
}

// recordReader reads the packets of one file format.
type recordReader interface {
	next(f *models.Frame) error
}

// openRecords detects the format from the first bytes of a decompressed stream.
func openRecords(w *window, counts *capture.Counts, links func(models.LinkType)) (recordReader, error) {
	b, err := w.peek(4)
	if err == io.EOF {
		return nil, fmt.Errorf("no data, want pcap or pcapng")
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
	if b, err = w.peek(32); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	return nil, fmt.Errorf("not a capture: want pcap or pcapng, found %s", describe(b))
}

// openSection checks that the first section header is complete.
func openSection(w *window) error {
	if b, err := w.peek(28); err == capture.ErrIdle {
		return err
	} else if err != nil {
		return fmt.Errorf("the pcapng section header is truncated: %d of at least 28 bytes", len(b))
	}
	return nil
}

// describe names the content of a file that is not a capture.
func describe(b []byte) string {
	for _, f := range foreign {
		if strings.HasPrefix(string(b), f.magic) {
			return f.what
		}
	}
	if f := unpack.Format(b); f != "" {
		return "a file that is compressed twice, with " + f + " inside: decompress it once"
	}
	for _, c := range b {
		if c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return fmt.Sprintf("bytes % x", b[:min(len(b), 8)])
		}
	}
	return fmt.Sprintf("text that begins with %q", b)
}
