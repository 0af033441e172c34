package pcapfile

import (
	"io"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
	"github.com/netlyra/netlyra/internal/capture/unpack"
)

// pipe reads a stream that may block forever, such as standard input. A goroutine reads and
// decompresses it, and Read returns ErrIdle if no data arrives in time, so that the caller
// can be interrupted. The goroutine fills one buffer at a time and waits until it is taken. A
// blocked read cannot be canceled: after close it ends with the next byte or with the
// process.
type pipe struct {
	chunks chan chunk
	free   chan []byte // buffers not in use
	stop   chan struct{}
	once   sync.Once
	timer  *time.Timer
	left   []byte // unread part of the current chunk
	buf    []byte // buffer of the current chunk
	err    error
}

type chunk struct {
	buf []byte
	n   int
	err error
}

// newPipe starts to read and decompress r.
func newPipe(r io.Reader) *pipe {
	p := &pipe{chunks: make(chan chunk), free: make(chan []byte, 2), stop: make(chan struct{}), timer: time.NewTimer(capture.IdleTime)}
	p.free <- make([]byte, windowSize/4)
	p.free <- make([]byte, windowSize/4)
	go p.pump(r)
	return p
}

func (p *pipe) pump(packed io.Reader) {
	r, done, err := unpack.Reader(packed)
	defer done()
	for {
		var c chunk
		select {
		case c.buf = <-p.free:
		case <-p.stop:
			return
		}
		if c.err = err; err == nil {
			c.n, c.err = r.Read(c.buf)
		}
		select {
		case p.chunks <- c:
		case <-p.stop:
			return
		}
		if c.err != nil {
			return
		}
	}
}

// Read returns available data, or waits for capture.IdleTime.
func (p *pipe) Read(b []byte) (int, error) {
	if len(p.left) == 0 && p.err == nil {
		if p.buf != nil {
			p.free <- p.buf
			p.buf = nil
		}
		p.timer.Reset(capture.IdleTime)
		select {
		case c := <-p.chunks:
			p.buf, p.left, p.err = c.buf, c.buf[:c.n], c.err
		case <-p.timer.C:
			return 0, capture.ErrIdle
		}
	}
	n := copy(b, p.left)
	if p.left = p.left[n:]; len(p.left) == 0 {
		return n, p.err
	}
	return n, nil
}

func (p *pipe) close() { p.once.Do(func() { close(p.stop) }) }
