package guard

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Stages of a connection. A connection in a later stage is displaced later.
const (
	pending = iota // has sent no accepted request
	greeted        // has requested the versions, or started to authenticate
	working        // has sent other requests
)

// conn passes checked frames to the broker. Read is called by the broker's reading goroutine
// and Write by its writing goroutine; Close may be called from any goroutine.
type conn struct {
	net.Conn
	l      *Listener
	peer   string
	in     *bufio.Reader
	buf    []byte // buffer of the pool that contains ready
	ready  []byte // rest of an accepted frame that the broker has not read
	header [4]byte

	// Times are in nanoseconds of the Listener's clock; 0: not in progress.
	stage   atomic.Int32
	since   int64        // accepted
	last    atomic.Int64 // last byte of a frame received, or last answer written
	frame   atomic.Int64 // start of the current frame
	size    atomic.Int64 // size of the current frame
	writing atomic.Int64 // start of the current answer
	answer  atomic.Int64 // size of the current answer

	mu     sync.Mutex
	queue  []sent // requests that the broker has not answered, oldest first
	kept   int64  // size of the largest answer; the broker keeps a buffer of that size
	logins int    // successful steps of the authentication
	closed bool
}

// sent is a request that was passed to the broker.
type sent struct {
	bytes    int64 // reserved bytes of Config.Memory
	key      int16
	flexible bool
	silent   bool // the request has no answer
}

// loginSteps is the number of requests of an authentication with SCRAM (RFC 5802, section 5).
const loginSteps = 2

// unreserved is the maximum size of frames that need no reservation of memory; the limit of
// connections also limits their memory.
const unreserved = 64 << 10

// Read reads the bytes of accepted frames.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.ready) == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.ready)
	if c.ready = c.ready[n:]; len(c.ready) == 0 {
		c.l.buffers.put(c.buf)
		c.buf = nil
	}
	return n, nil
}

// next reads and checks a frame.
func (c *conn) next() error {
	size, err := c.begin()
	if err != nil {
		return err
	}
	defer c.frame.Store(0)
	reserved, err := c.reserve(size)
	if err != nil {
		return err
	}
	if err := c.receive(size); err != nil {
		c.l.memory.release(reserved)
		return err
	}
	var req request
	frame := c.buf[4:]
	why := check(frame, &c.l.cfg, c.batch, &req)
	if why == "" {
		why = c.l.names.admit(&req)
	}
	if why != "" {
		c.l.memory.release(reserved)
		return c.refuse(why, fmt.Sprintf("key %d, version %d, %d bytes", req.key, req.version, size))
	}
	c.pass(&req, reserved)
	return nil
}

// begin waits for a frame and checks its first eight bytes.
func (c *conn) begin() (size int, err error) {
	if _, err := c.in.Peek(1); err != nil {
		return 0, err
	}
	now := c.l.now()
	c.last.Store(now)
	c.size.Store(0)
	c.frame.Store(now)
	if _, err := io.ReadFull(c.in, c.header[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(c.header[:])
	if n > uint32(c.l.cfg.MaxRequest) {
		if why := foreign(c.header); why != "" {
			c.l.count(why, c.peer, "", nil)
			c.answerForeign(why)
			c.shut("", "")
			return 0, errRefused
		}
		return 0, c.refuse(FrameTooLarge, fmt.Sprintf("%d bytes", n))
	}
	size = int(n)
	if size < minFrame {
		return 0, c.refuse(FrameTooShort, fmt.Sprintf("%d bytes", size))
	}
	c.size.Store(int64(size))
	head, err := c.in.Peek(8)
	if err != nil {
		return 0, err
	}
	return size, c.admit(head, size)
}

// admit checks the key, the version and the size of a frame before the rest is read.
func (c *conn) admit(head []byte, size int) error {
	key, version := int16(binary.BigEndian.Uint16(head)), int16(binary.BigEndian.Uint16(head[2:]))
	a, what := apis[key], fmt.Sprintf("key %d, version %d, %d bytes", key, version, size)
	limit := c.l.cfg.MaxRequest
	if a != nil && a.bytes > 0 {
		limit = min(limit, a.bytes)
	}
	switch {
	case a == nil:
		return c.refuse(UnknownAPI, what)
	case size > limit:
		return c.refuse(FrameTooLarge, what)
	case !isLogin(key) && !c.loggedIn():
		return c.refuse(Unauthenticated, what)
	case version < a.min || version > a.max && key != int16(kmsg.ApiVersions):
		return c.refuse(UnsupportedVersion, what)
	}
	return nil
}

// isLogin reports whether a request is accepted before the authentication.
func isLogin(key int16) bool {
	k := kmsg.Key(key)
	return k == kmsg.ApiVersions || k == kmsg.SASLHandshake || k == kmsg.SASLAuthenticate
}

func (c *conn) loggedIn() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.l.cfg.Login || c.logins >= loginSteps
}

// reserve waits until there is memory for the frame.
func (c *conn) reserve(size int) (int64, error) {
	if size <= unreserved {
		return 0, nil
	}
	if c.l.memory.try(int64(size)) {
		return int64(size), nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.l.cfg.Frame)
	defer cancel()
	c.frame.Store(0) // waiting for memory does not count as a stall of the client
	if c.l.memory.wait(ctx, int64(size)) != nil {
		return 0, c.refuse(Memory, fmt.Sprintf("%d bytes", size))
	}
	now := c.l.now()
	c.last.Store(now)
	c.frame.Store(now)
	return int64(size), nil
}

// receive reads the rest of a frame into buf. The buffer grows with the bytes that arrive, not
// to the length that the frame claims.
func (c *conn) receive(size int) error {
	c.buf = c.l.buffers.get(min(4+size, unreserved))
	n := copy(c.buf, c.header[:])
	for n < 4+size {
		if n == len(c.buf) {
			c.buf = c.l.buffers.grow(c.buf, min(4+size, 4*len(c.buf)))
		}
		m, err := c.in.Read(c.buf[n:min(len(c.buf), 4+size)])
		n += m
		c.last.Store(c.l.now())
		if err != nil && n < 4+size {
			c.l.buffers.put(c.buf)
			c.buf = nil
			return err
		}
	}
	c.buf = c.buf[:4+size]
	return nil
}

// batch checks a record batch of a Produce.
func (c *conn) batch(b []byte) {
	if !checkBatch(b, c.l.cfg.MaxUncompressed, c.l.decoders) {
		refuseBatch(b)
		c.l.count(InvalidRecords, c.peer, fmt.Sprintf("%d bytes", len(b)), nil)
	}
}

// pass makes the frame available to Read.
func (c *conn) pass(req *request, reserved int64) {
	if kmsg.Key(req.key) == kmsg.ApiVersions && req.version > apis[req.key].max {
		c.buf = newerVersions(c.buf)
	}
	c.ready = c.buf
	c.l.frames.Add(1)
	c.mu.Lock()
	c.queue = append(c.queue, sent{bytes: reserved, key: req.key, flexible: req.version >= 2, silent: req.noAnswer})
	// The broker reads a request only after it has answered the previous one, so it has at
	// most two; older requests are done.
	for len(c.queue) > 2 {
		c.l.memory.release(c.queue[0].bytes)
		c.queue = c.queue[1:]
	}
	c.mu.Unlock()
	if stage := stageOf(req.key); c.stage.Load() < stage {
		c.stage.Store(stage)
	}
}

func stageOf(key int16) int32 {
	if isLogin(key) {
		return greeted
	}
	return working
}

// Write sends an answer; the broker writes each answer in one call.
func (c *conn) Write(p []byte) (int, error) {
	c.noteLogin(p) // before the client has the answer, and sends its next request
	c.answer.Store(int64(len(p)))
	c.writing.Store(c.l.now())
	n, err := c.Conn.Write(p)
	c.writing.Store(0)
	c.last.Store(c.l.now())
	c.mu.Lock()
	defer c.mu.Unlock()
	for answered := false; len(c.queue) > 0 && !answered; c.queue = c.queue[1:] {
		s := c.queue[0]
		answered = !s.silent
		c.l.memory.release(s.bytes)
	}
	if kept := int64(len(p)); kept > c.kept && !c.closed {
		c.l.answers.Add(kept - c.kept)
		c.kept = kept
	}
	return n, err
}

// noteLogin counts a successful step of the authentication by its answer.
func (c *conn) noteLogin(answer []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.queue {
		if s.silent {
			continue
		}
		if kmsg.Key(s.key) == kmsg.SASLAuthenticate && succeeded(answer, s.flexible) {
			c.logins++
		}
		return
	}
}

// succeeded reports whether the answer to a SaslAuthenticate has no error code.
func succeeded(answer []byte, flexible bool) bool {
	at := 8
	if flexible {
		at++ // an empty list of tagged fields
	}
	return len(answer) >= at+2 && answer[at] == 0 && answer[at+1] == 0
}

// waiting returns the number of requests that the broker has not answered.
func (c *conn) waiting() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.queue {
		if !s.silent {
			n++
		}
	}
	return n
}

// errRefused is the error of Read on a refused connection.
var errRefused = errors.New("guard: refused")

// refuse closes the connection and counts the reason.
func (c *conn) refuse(why Reason, detail string) error {
	c.shut(why, detail)
	return errRefused
}

// Close closes the connection and releases its memory.
func (c *conn) Close() error {
	c.shut("", "")
	return nil
}

// shut closes the connection once, and counts the reason unless it is "". It counts before the
// peer can observe the close.
func (c *conn) shut(why Reason, detail string) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed = true
	for _, s := range c.queue {
		c.l.memory.release(s.bytes)
	}
	c.queue = nil
	c.l.answers.Add(-c.kept)
	c.mu.Unlock()
	if why != "" {
		c.l.count(why, c.peer, detail, nil)
	}
	c.l.forget(c)
	_ = c.Conn.Close()
}

// overdue returns the reason to close the connection at the time now, "" if there is no reason.
func (c *conn) overdue(now int64) Reason {
	cfg := &c.l.cfg
	last := c.last.Load()
	if began := c.writing.Load(); began != 0 {
		if now-began > int64(cfg.Write)+c.answer.Load()/(4<<20)*int64(cfg.Write) {
			return SlowReader
		}
		return ""
	}
	if began := c.frame.Load(); began != 0 {
		// The limit of the whole frame grows with each 4 MiB of its size.
		if now-last > int64(cfg.Frame) || now-began > 2*int64(cfg.Frame)+c.size.Load()/(4<<20)*2*int64(cfg.Frame) {
			return Stalled
		}
		return ""
	}
	if c.stage.Load() == pending {
		if now-c.since > int64(cfg.FirstRequest) {
			return FirstRequest
		}
		return ""
	}
	limit := int64(cfg.Idle)
	if c.waiting() > 0 {
		limit = max(limit, int64(longestWait))
	}
	if now-last > limit {
		return Idle
	}
	return ""
}

// longestWait limits how long a connection waits for an answer: a JoinGroup waits until all
// members of the group have joined.
const longestWait = 15 * time.Minute
