package guard

import (
	"bufio"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// Listener accepts connections and guards them. Make it with New.
type Listener struct {
	net.Listener // with the limits of package netlimit
	underlying   *netlimit.Listener
	cfg          Config
	started      time.Time
	decoders     *decoders
	memory       *memory
	buffers      buffers
	names        names
	frames       atomic.Uint64
	answers      atomic.Int64 // bytes of the answer buffers that the broker keeps
	stop         chan struct{}
	once         sync.Once

	mu       sync.Mutex
	conns    map[*conn]struct{}
	stats    Stats
	reported map[Reason]time.Time // time of the last event
}

// New returns a Listener that accepts from ln and owns it. It starts a goroutine that runs until
// Close.
func New(ln net.Listener, cfg Config) *Listener {
	if cfg.Connections <= 0 {
		cfg.Connections = DefaultConnections()
	}
	l := &Listener{
		cfg: cfg, started: time.Now(), decoders: newDecoders(), memory: newMemory(cfg.Memory),
		stop: make(chan struct{}), conns: map[*conn]struct{}{}, reported: map[Reason]time.Time{},
		stats: Stats{Refused: map[Reason]uint64{}},
	}
	l.names.limit = cfg.Names
	l.underlying = netlimit.New(ln, netlimit.Config{Event: l.shortage, Displace: l.displace})
	l.Listener = l.underlying
	go l.sweep()
	return l
}

// now returns the nanoseconds since New, never 0.
func (l *Listener) now() int64 { return int64(time.Since(l.started)) + 1 }

// Accept returns the next connection. It fails only if the listener is closed.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: raw, l: l, peer: peerOf(raw), in: bufio.NewReaderSize(raw, 4096), since: l.now()}
		c.last.Store(c.since)
		victim, admitted := l.admit(c)
		if victim != nil {
			_ = victim.refuse(Connections, "")
		}
		if admitted {
			return c, nil
		}
		l.count(Connections, c.peer, "", nil)
		_ = raw.Close()
	}
}

// Close stops accepting. Accepted connections remain open, without deadlines.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.stop) })
	return l.Listener.Close()
}

// sweepEvery is the interval of checking deadlines, which are seconds or longer.
const sweepEvery = 250 * time.Millisecond

// sweep closes connections that are overdue, and one that keeps much memory if the limit is
// exceeded.
func (l *Listener) sweep() {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-t.C:
		}
		now := l.now()
		for _, c := range l.all() {
			if why := c.overdue(now); why != "" {
				_ = c.refuse(why, "")
			}
		}
		if l.answers.Load() > l.cfg.Memory {
			if c := l.heaviest(); c != nil {
				_ = c.refuse(Memory, "answers")
			}
		}
	}
}

func (l *Listener) all() []*conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]*conn, 0, len(l.conns))
	for c := range l.conns {
		list = append(list, c)
	}
	return list
}

func (l *Listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// count counts a refusal and reports the first of a series.
func (l *Listener) count(why Reason, peer, detail string, err error) {
	l.mu.Lock()
	if why != "" {
		l.stats.Refused[why]++
	}
	quiet := time.Since(l.reported[why]) < eventQuiet
	if !quiet {
		l.reported[why] = time.Now()
	}
	l.mu.Unlock()
	if l.cfg.Event != nil && !quiet {
		l.cfg.Event(Event{Reason: why, Peer: peer, Detail: detail, Err: err})
	}
}

const eventQuiet = 10 * time.Second

// shortage forwards events of the underlying listener.
func (l *Listener) shortage(e netlimit.Event) {
	if l.cfg.Event != nil {
		l.cfg.Event(Event{Reason: Reason(e.Reason), Peer: e.Peer, Err: e.Err})
	}
}

// Stats returns a copy of the counters.
func (l *Listener) Stats() Stats {
	accept := l.underlying.Stats()
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Stats{Open: len(l.conns), Bytes: l.memory.used() + l.answers.Load(), Accepted: accept.Accepted, Frames: l.frames.Load(), Refused: map[Reason]uint64{}, Accept: accept}
	for why, n := range l.stats.Refused {
		s.Refused[why] = n
	}
	return s
}

// admit adds c. If a limit is reached, c displaces another connection, victim: the oldest one
// that has sent nothing, else one that has only greeted, else the one that has been idle the
// longest. So a flood of connections displaces its own connections instead of working clients,
// and a client can connect during the flood. At most a quarter of the connections may be
// silent, and one remote host may have at most half of them.
func (l *Listener) admit(c *conn) (victim *conn, admitted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	host, same, silent := hostOf(c.Conn), 0, 0
	var oldest, own *conn // candidates among all connections, and among those of the host
	now := l.now()
	for o := range l.conns {
		if o.stage.Load() == pending {
			silent++
		}
		if hostOf(o.Conn) == host {
			same++
			own = l.lesser(own, o, now)
		}
		oldest = l.lesser(oldest, o, now)
	}
	switch {
	case host != "" && same >= max(l.cfg.Connections/2, 1):
		victim = own
	case len(l.conns) >= l.cfg.Connections, silent >= max(l.cfg.Connections/4, 4):
		victim = oldest
	default:
		l.conns[c] = struct{}{}
		return nil, true
	}
	if victim == nil {
		return nil, false
	}
	delete(l.conns, victim)
	l.conns[c] = struct{}{}
	return victim, true
}

// displace closes the connection of the lowest rank and reports whether there was one. Without
// it, clients that keep idle connections would leave no descriptor to one that has to connect
// again.
func (l *Listener) displace() bool {
	l.mu.Lock()
	var victim *conn
	now := l.now()
	for o := range l.conns {
		victim = l.lesser(victim, o, now)
	}
	delete(l.conns, victim)
	l.mu.Unlock()
	if victim == nil {
		return false
	}
	_ = victim.refuse(Connections, "descriptors")
	return true
}

// displaceable is how long a working connection must have been idle before it can be
// displaced.
const displaceable = 2 * time.Second

// lesser returns the connection of a lower rank; connections in use are never returned as b.
func (l *Listener) lesser(a, b *conn, now int64) *conn {
	if rank := b.rank(now); rank == math.MaxInt64 || a != nil && a.rank(now) <= rank {
		return a
	}
	return b
}

// rank orders connections: those of a lower rank are displaced first, math.MaxInt64 never.
func (c *conn) rank(now int64) int64 {
	stage, last := int64(c.stage.Load()), c.last.Load()
	if stage == working && (now-last < int64(displaceable) || c.waiting() > 0 && now-last < int64(c.l.cfg.MaxWait)) {
		return math.MaxInt64
	}
	return stage<<60 | last
}

// heaviest returns the connection with the largest answer buffer that is not in use, nil if
// there is no such connection. Above twice the limit of memory it includes those in use.
func (l *Listener) heaviest() (found *conn) {
	now := l.now()
	var most int64
	for _, c := range l.all() {
		c.mu.Lock()
		kept := c.kept
		c.mu.Unlock()
		if kept > most && (c.rank(now) != math.MaxInt64 || l.answers.Load() > 2*l.cfg.Memory) {
			most, found = kept, c
		}
	}
	return found
}

// hostOf returns the address of a remote host, "" for connections from this host, which the
// limit of connections for each host does not concern.
func hostOf(c net.Conn) string {
	a, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok || a.IP.IsLoopback() {
		return ""
	}
	return string(a.IP.To16())
}
