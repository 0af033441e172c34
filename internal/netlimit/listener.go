package netlimit

import (
	"errors"
	"net"
	"sync"
	"time"
)

// Listener is a net.Listener that accepts within the limits of its Config.
type Listener struct {
	net.Listener
	cfg     Config
	reserve int
	closed  chan struct{}
	once    sync.Once

	mu    sync.Mutex
	peers map[string]int // open connections by remote IP address
	stats Stats

	lastEvent map[Reason]time.Time // used by the accepting goroutine only
}

// Stats has the counters since New; Open is the present number.
type Stats struct {
	Open     int
	Accepted uint64
	Refused  map[Reason]uint64
	Errors   uint64 // errors of Accept that were retried
}

// New returns a Listener that wraps and owns ln.
func New(ln net.Listener, cfg Config) *Listener {
	l := &Listener{
		Listener: ln, cfg: cfg, reserve: cfg.Reserve, closed: make(chan struct{}),
		peers: map[string]int{}, stats: Stats{Refused: map[Reason]uint64{}},
		lastEvent: map[Reason]time.Time{},
	}
	if l.reserve == 0 {
		l.reserve = DefaultReserve()
	}
	return l
}

// Accept returns the next connection within the limits. It returns an error only if the
// listener is closed (net.ErrClosed).
func (l *Listener) Accept() (net.Conn, error) {
	pause := minPause
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			if l.isClosed() || errors.Is(err, net.ErrClosed) {
				return nil, err
			}
			l.mu.Lock()
			l.stats.Errors++
			l.mu.Unlock()
			l.event(Event{Err: err})
			if !l.wait(pause) {
				return nil, net.ErrClosed
			}
			pause = min(2*pause, maxPause)
			continue
		}
		pause = minPause
		peer := peerOf(c)
		if why := l.admit(c, peer); why != "" {
			l.event(Event{Reason: why, Peer: peer})
			l.refuse(c, why)
			continue
		}
		return &conn{Conn: c, release: func() { l.release(peer) }}, nil
	}
}

// Close closes the listener. Accepted connections stay open.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// Stats returns the counters.
func (l *Listener) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	s.Refused = make(map[Reason]uint64, len(l.stats.Refused))
	for why, n := range l.stats.Refused {
		s.Refused[why] = n
	}
	return s
}

// admit counts the connection and returns "", or returns the reason to refuse it.
func (l *Listener) admit(c net.Conn, peer string) Reason {
	scarce := l.scarce(c)
	if scarce && l.cfg.Displace != nil && l.cfg.Displace() {
		scarce = false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var why Reason
	switch {
	case l.cfg.Total > 0 && l.stats.Open >= l.cfg.Total:
		why = RefusedTotal
	case l.cfg.PerPeer > 0 && l.peers[peer] >= l.cfg.PerPeer:
		why = RefusedPeer
	case scarce:
		why = RefusedDescriptors
	}
	if why != "" {
		l.stats.Refused[why]++
		return why
	}
	l.stats.Open++
	l.stats.Accepted++
	l.peers[peer]++
	return ""
}

// scarce reports whether the connection uses one of the last descriptors.
func (l *Listener) scarce(c net.Conn) bool {
	if l.reserve < 0 {
		return false
	}
	limit, ok := DescriptorLimit()
	if !ok {
		return false
	}
	fd, ok := descriptor(c)
	return ok && fd >= limit-min(uint64(l.reserve), limit)
}

func (l *Listener) release(peer string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Open--
	if l.peers[peer]--; l.peers[peer] <= 0 {
		delete(l.peers, peer)
	}
}

func (l *Listener) refuse(c net.Conn, why Reason) {
	if l.cfg.Refuse != nil {
		_ = c.SetDeadline(time.Now().Add(refuseTimeout))
		l.cfg.Refuse(c, why)
	} else if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // reset, so that floods leave no sockets in TIME_WAIT
	}
	_ = c.Close()
}

// event calls Config.Event for the first event of a series.
func (l *Listener) event(e Event) {
	now := time.Now()
	last, seen := l.lastEvent[e.Reason]
	l.lastEvent[e.Reason] = now
	if l.cfg.Event != nil && (!seen || now.Sub(last) > eventQuiet) {
		l.cfg.Event(e)
	}
}

// wait pauses and reports whether the listener is still open.
func (l *Listener) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.closed:
		return false
	}
}

func (l *Listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// peerOf returns the remote IP address; IPv4-mapped IPv6 addresses become IPv4.
func peerOf(c net.Conn) string {
	switch a := c.RemoteAddr().(type) {
	case *net.TCPAddr:
		return a.AddrPort().Addr().Unmap().WithZone("").String()
	case nil:
		return ""
	default:
		return a.String()
	}
}

// conn releases its place when it is closed.
type conn struct {
	net.Conn
	once    sync.Once
	release func()
}

// Close closes the connection and releases its place.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.release)
	return err
}

// NetConn returns the wrapped connection, to set its options. Closing it does not release
// the place.
func (c *conn) NetConn() net.Conn { return c.Conn }
