package pcapfile

import (
	"io"

	"github.com/netlyra/netlyra/internal/capture"
)

// windowSize is several times the largest frame with its header.
const windowSize = 1 << 20

// readSize is the size of one read; it fits into second-level caches.
const readSize = 256 << 10

// window is a sliding view of a stream. It returns slices of its one buffer without copying.
// It reads no more than necessary, so that a record from a pipe is available as soon as it is
// complete.
type window struct {
	r          io.Reader
	buf        []byte
	start, end int
	base       int64 // offset in the stream of buf[0]
	err        error // error of the reader, returned once the buffer is empty
}

func newWindow(r io.Reader) *window { return &window{r: r, buf: make([]byte, windowSize)} }

// offset returns the position of the next byte in the decompressed stream.
func (w *window) offset() int64 { return w.base + int64(w.start) }

// peek returns the next n bytes without consuming them; they are valid until the next call
// of peek or discard. If the stream has no data yet it returns ErrIdle. At the end of the
// stream it returns the remaining bytes, with io.EOF if there are none and
// io.ErrUnexpectedEOF if there are fewer than n.
func (w *window) peek(n int) ([]byte, error) {
	if w.end-w.start >= n {
		return w.buf[w.start : w.start+n], nil
	}
	return w.fill(n)
}

// wait is like peek but waits instead of returning ErrIdle.
func (w *window) wait(n int) ([]byte, error) {
	for {
		if b, err := w.peek(n); err != capture.ErrIdle {
			return b, err
		}
	}
}

func (w *window) fill(n int) ([]byte, error) {
	if n > len(w.buf) {
		return nil, io.ErrShortBuffer
	}
	// The rest is usually less than a record. After it is moved to the front, the next
	// read goes to memory that is in the caches.
	copy(w.buf, w.buf[w.start:w.end])
	w.base += int64(w.start)
	w.end -= w.start
	w.start = 0
	for empty := 0; w.end-w.start < n; {
		if w.err != nil {
			return w.short()
		}
		m, err := w.r.Read(w.buf[w.end:min(len(w.buf), w.end+readSize)])
		w.end += m
		if err == capture.ErrIdle {
			if m == 0 {
				return nil, capture.ErrIdle
			}
			err = nil
		}
		if w.err = err; m > 0 {
			empty = 0
		} else if empty++; empty > 100 && err == nil {
			w.err = io.ErrNoProgress
		}
	}
	return w.buf[w.start : w.start+n], nil
}

// short returns the rest of the stream and the error for it.
func (w *window) short() ([]byte, error) {
	b := w.buf[w.start:w.end]
	switch {
	case w.err != io.EOF:
		return b, w.err
	case len(b) == 0:
		return nil, io.EOF
	}
	return b, io.ErrUnexpectedEOF
}

// advance consumes n bytes that peek has returned.
func (w *window) advance(n int) { w.start += n }

// discard consumes n bytes without buffering them all. It waits for them.
func (w *window) discard(n int64) error {
	for {
		have := int64(w.end - w.start)
		if n <= have {
			w.start += int(n)
			return nil
		}
		w.start = w.end
		n -= have
		if _, err := w.fill(1); err == io.EOF {
			return io.ErrUnexpectedEOF
		} else if err != nil && err != capture.ErrIdle {
			return err
		}
	}
}
