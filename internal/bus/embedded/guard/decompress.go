package guard

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// decoders check compressed batches. They decompress into a window and keep nothing, so that a
// batch of kilobytes that decompresses to gigabytes uses little memory. Snappy, which has no
// streaming format, is decompressed block by block; a block grows at most by a factor of 21.
// At most GOMAXPROCS decoders run at a time.
type decoders struct {
	running chan struct{}
	pool    sync.Pool // of *decoder
}

func newDecoders() *decoders {
	d := &decoders{running: make(chan struct{}, runtime.GOMAXPROCS(0))}
	d.pool.New = func() any { return &decoder{} }
	return d
}

type decoder struct {
	src    bytes.Reader
	failed bool   // decompression failed or exceeded the limit
	window []byte // for streams
	block  []byte // for snappy
	gzip   *gzip.Reader
	lz4    *lz4.Reader
	zstd   *zstd.Decoder
}

const (
	windowBytes = 64 << 10
	keptBlock   = 4 << 20  // larger buffers are not reused
	zstdWindow  = 32 << 20 // clients use at most 8 MiB
)

// Codecs of Kafka.
const (
	codecGzip = 1 + iota
	codecSnappy
	codecLz4
	codecZstd
)

// check reports whether body contains exactly count records of at most limit bytes in total.
func (d *decoders) check(codec uint16, body []byte, count int32, limit int) bool {
	d.running <- struct{}{}
	defer func() { <-d.running }()
	x := d.pool.Get().(*decoder)
	defer d.pool.Put(x)
	more := x.open(codec, body, limit)
	if more == nil {
		return false
	}
	c := cursor{more: more}
	return c.records(count) && c.atEnd() && !x.failed
}

// open returns a function that returns the decompressed body window by window; nil if the body
// is invalid.
func (x *decoder) open(codec uint16, body []byte, limit int) (more func() ([]byte, bool)) {
	x.src.Reset(body)
	x.failed = false
	switch codec {
	case codecSnappy:
		return x.snappy(body, limit)
	case codecGzip:
		if x.gzip == nil {
			x.gzip = &gzip.Reader{}
		}
		if x.gzip.Reset(&x.src) != nil {
			return nil
		}
		return x.stream(x.gzip, limit)
	case codecLz4:
		if x.lz4 == nil {
			x.lz4 = lz4.NewReader(nil)
		}
		x.lz4.Reset(&x.src)
		return x.stream(x.lz4, limit)
	case codecZstd:
		if x.zstd == nil {
			x.zstd, _ = zstd.NewReader(nil, zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		}
		if x.zstd.Reset(&x.src) != nil {
			return nil
		}
		return x.stream(x.zstd, limit)
	}
	return nil
}

// stream reads windows of at most limit bytes in total.
func (x *decoder) stream(r io.Reader, limit int) func() ([]byte, bool) {
	if x.window == nil {
		x.window = make([]byte, windowBytes)
	}
	read := 0
	return func() ([]byte, bool) {
		n, err := io.ReadFull(r, x.window)
		read += n
		x.failed = x.failed || read > limit || err != nil && err != io.EOF && err != io.ErrUnexpectedEOF
		return x.window[:n], n > 0 && !x.failed
	}
}

// xerial is the header of snappy-java's stream format. Clients send that format or one block.
var xerial = []byte{130, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

func (x *decoder) snappy(body []byte, limit int) func() ([]byte, bool) {
	framed := len(body) > 16 && bytes.HasPrefix(body, xerial)
	if framed {
		body = body[16:]
	}
	read := 0
	return func() ([]byte, bool) {
		if len(body) == 0 || x.failed {
			return nil, false
		}
		size, head := len(body), 0
		if framed {
			if head = 4; size >= head {
				size = int(binary.BigEndian.Uint32(body))
			}
		}
		if size > len(body)-head {
			x.failed = true
			return nil, false
		}
		block := body[head : head+size]
		body = body[head+size:]
		n, err := s2.DecodedLen(block)
		if read += n; err != nil || read > limit {
			x.failed = true
			return nil, false
		}
		out, err := s2.Decode(x.room(n), block)
		x.failed = err != nil
		return out, err == nil
	}
}

// room returns a buffer of n bytes, which is reused for the next block unless it is large.
func (x *decoder) room(n int) []byte {
	if cap(x.block) >= n {
		return x.block[:n]
	}
	b := make([]byte, n)
	if n <= keptBlock {
		x.block = b
	}
	return b
}
