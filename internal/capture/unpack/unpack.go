package unpack

import (
	"bufio"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// maxZstdWindow is the largest accepted window of zstd, as for --long=27.
const maxZstdWindow = 128 << 20

// magicGzip begins each member of a gzip file.
const magicGzip = "\x1f\x8b"

// ErrTrailing is returned at the end if other bytes follow the compressed data. All data
// before them was returned.
var ErrTrailing = errors.New("other bytes follow the compressed data")

// Reader returns a reader of the decompressed content of r, or of r itself if its compression
// is unknown or it has none. The returned function frees the decompressor and is never nil.
// Reader blocks until r has its first bytes.
func Reader(r io.Reader) (io.Reader, func(), error) {
	br := bufio.NewReaderSize(r, 64<<10)
	none := func() {}
	b, err := br.Peek(6)
	if err != nil && err != io.EOF {
		return nil, none, err
	}
	if isSkippable(b) {
		if err := skipFrames(br); err != nil {
			return nil, none, err
		}
		if b, _ = br.Peek(6); len(b) > 0 && Format(b) == "" {
			if len(b) < 4 {
				return nil, none, fmt.Errorf("the data after a skippable frame is truncated: %w", io.ErrUnexpectedEOF)
			}
			return nil, none, fmt.Errorf("bytes % x after a skippable frame are neither zstd nor lz4", b)
		}
	}
	switch Format(b) {
	case "gzip":
		z, err := newGzip(br)
		return &named{"gzip", z, 0}, none, err
	case "zstd":
		z, err := zstd.NewReader(br, zstd.WithDecoderMaxWindow(maxZstdWindow), zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, none, fmt.Errorf("zstd: %w", err)
		}
		return &named{"zstd", z, 0}, z.Close, nil
	case "bzip2":
		return &named{"bzip2", bzip2.NewReader(br), 0}, none, nil
	case "lz4":
		return &named{"lz4", lz4.NewReader(br), 0}, none, nil
	}
	return br, none, nil
}

// Format returns the compression of a file that begins with b, "" if unknown. Six bytes are
// enough.
func Format(b []byte) string {
	switch s := string(b); {
	case strings.HasPrefix(s, magicGzip):
		return "gzip"
	case strings.HasPrefix(s, "\x28\xb5\x2f\xfd"), isSkippable(b):
		return "zstd"
	case strings.HasPrefix(s, "\x04\x22\x4d\x18"), strings.HasPrefix(s, "\x02\x21\x4c\x18"):
		return "lz4"
	case len(b) >= 4 && strings.HasPrefix(s, "BZh") && b[3] >= '1' && b[3] <= '9':
		return "bzip2"
	}
	return ""
}

// isSkippable reports the magic of a skippable frame, which zstd (RFC 8878 section 3.1.2)
// and lz4 have in common.
func isSkippable(b []byte) bool {
	return len(b) >= 4 && binary.LittleEndian.Uint32(b)&^0xf == 0x184d2a50
}

// skipFrames skips skippable frames up to the first other frame, which decides the format. A
// stream that ends within one gives io.ErrUnexpectedEOF.
func skipFrames(br *bufio.Reader) error {
	for {
		b, err := br.Peek(8)
		if !isSkippable(b) {
			if err == io.EOF {
				err = nil
			}
			return err
		}
		if len(b) < 8 {
			return fmt.Errorf("skippable frame: %w", io.ErrUnexpectedEOF)
		}
		n := 8 + int64(binary.LittleEndian.Uint32(b[4:]))
		if _, err := io.CopyN(io.Discard, br, n); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("skippable frame: %w", err)
		}
	}
}

// named adds the name of the format to errors.
type named struct {
	format string
	r      io.Reader
	n      int64 // bytes read
}

func (z *named) Read(b []byte) (int, error) {
	n, err := z.r.Read(b)
	z.n += int64(n)
	if err == nil || err == io.EOF {
		return n, err
	}
	switch {
	case z.n > 0 && noFrame(err):
		err = ErrTrailing
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, fmt.Errorf("the %s data is truncated: %w", z.format, io.ErrUnexpectedEOF)
	}
	return n, fmt.Errorf("%s: %w", z.format, err)
}

// noFrame reports whether the bytes after a frame are not another frame.
func noFrame(err error) bool {
	var bz bzip2.StructuralError
	return errors.Is(err, zstd.ErrMagicMismatch) || errors.Is(err, lz4.ErrInvalidFrame) ||
		errors.As(err, &bz) && strings.Contains(string(bz), "continuation file")
}
