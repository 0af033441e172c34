package pcapfile

import (
	"io"

	"github.com/netlyra/netlyra/internal/capture"
)

// windowSize holds the largest frame with its header several times over.
const windowSize = 1 << 20

// readSize is how much is read at a time: less than the second-level caches hold.
const readSize = 256 << 10

// window is a sliding view of a stream: what it shows lies in its one buffer and is
// handed out without a copy. It reads no more than it must, so that a record of a
// pipe is seen as soon as it is complete.
type window struct {
	r          io.Reader
	buf        []byte
	start, end int
	base       int64 // offset in the stream of buf[0]
	err        error // what the reader ended with, told once the buffer is used up
}

func newWindow(r io.Reader) *window { return &window{r: r, buf: make([]byte, windowSize)} }

// offset is where in the (uncompressed) stream the next byte is.
func (w *window) offset() int64 { return w.base + int64(w.start) }

// peek shows the next n bytes, valid until the next call of peek or discard.
// Where the stream makes it wait it says ErrIdle and may be asked again.
// At the end of the stream it shows what there is, with io.EOF where that is nothing
// and io.ErrUnexpectedEOF where it is less than n.
func (w *window) peek(n int) ([]byte, error) {
	if w.end-w.start >= n {
		return w.buf[w.start : w.start+n], nil
	}
	return w.fill(n)
}

// wait is peek that does not say ErrIdle.
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
	// What is left is less than a record as a rule. Moved to the front, the next read
	// goes where the caches are warm.
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

// short is the answer at the end of the stream.
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

// advance passes over n bytes that peek has shown.
func (w *window) advance(n int) { w.start += n }

// discard passes over n bytes, shown or not, without holding them, however long they
// take to come.
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
