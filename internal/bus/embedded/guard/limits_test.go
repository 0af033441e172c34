package guard

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// idleListener is a Listener without connections, for calls of its methods.
func idleListener(t *testing.T, change func(*Config)) *Listener {
	t.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	l := New(&one{done: make(chan struct{})}, cfg)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// from is a connection from an address.
type from struct {
	net.Conn
	addr net.Addr
}

func (f from) RemoteAddr() net.Addr { return f.addr }

// guarded returns a connection of l from a host, and the end of the peer.
func guarded(t *testing.T, l *Listener, host string) (c *conn, peer net.Conn) {
	t.Helper()
	ours, peer := net.Pipe()
	t.Cleanup(func() { _, _ = ours.Close(), peer.Close() })
	w := &one{conn: from{ours, &net.TCPAddr{IP: net.ParseIP(host), Port: 1}}}
	l.Listener = w
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	l.Listener = l.underlying
	return accepted.(*conn), peer
}

// head returns the first bytes of a frame of size bytes, with an empty client id.
func head(size int, key, version int16) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(size))
	b = binary.BigEndian.AppendUint16(b, uint16(key))
	b = binary.BigEndian.AppendUint16(b, uint16(version))
	return append(b, 0, 0, 0, 1, 0, 0)
}

// refusedAs sends bytes and returns the reason of the refusal by begin, "" if it accepts them.
func refusedAs(t *testing.T, l *Listener, b []byte) Reason {
	t.Helper()
	before := l.Stats().Refused
	c, peer := guarded(t, l, "127.0.0.1")
	go func() { _, _ = peer.Write(b) }()
	_, err := c.begin()
	_ = c.Close()
	if err == nil {
		return ""
	}
	for why, n := range l.Stats().Refused {
		if n > before[why] {
			return why
		}
	}
	t.Fatalf("refused without a reason: %v", err)
	return ""
}

// TestKeysAndVersions sends the first bytes of requests of every key and version, also those that
// do not exist.
func TestKeysAndVersions(t *testing.T) {
	l := idleListener(t, nil)
	for key := int16(-2); key <= kmsg.MaxKey+2; key++ {
		versions, served := Versions()[key]
		for _, version := range []int16{-1, 0, versions[0] - 1, versions[0], versions[1], versions[1] + 1, 1<<15 - 1} {
			want := Reason("")
			switch {
			case !served:
				want = UnknownAPI
			case version < versions[0], version > versions[1] && key != int16(kmsg.ApiVersions):
				want = UnsupportedVersion
			}
			if got := refusedAs(t, l, head(100, key, version)); got != want {
				t.Errorf("key %d, version %d: %q, want %q", key, version, got, want)
			}
		}
	}
}

// TestLengths sends frames with lengths at the limits of their keys.
func TestLengths(t *testing.T) {
	const most = 4 << 20
	l := idleListener(t, func(c *Config) { c.MaxRequest = most })
	for key, a := range apis {
		limit := most
		if a.bytes > 0 {
			limit = a.bytes
		}
		for size, want := range map[int]Reason{0: FrameTooShort, minFrame - 1: FrameTooShort, minFrame: "", limit: "", limit + 1: FrameTooLarge, most + 1: FrameTooLarge} {
			if got := refusedAs(t, l, head(size, key, a.max)); got != want {
				t.Errorf("%s with %d bytes: %q, want %q", a.name, size, got, want)
			}
		}
	}
	for _, length := range []uint32{1<<31 - 1, 1 << 31, 1<<32 - 1} {
		if got := refusedAs(t, l, head(int(length), 3, 12)); got != FrameTooLarge {
			t.Errorf("length %d: %q", length, got)
		}
	}
}

// TestFrameArrivesInPieces writes a frame byte by byte; the broker must read all of it.
func TestFrameArrivesInPieces(t *testing.T) {
	l := idleListener(t, nil)
	c, peer := guarded(t, l, "127.0.0.1")
	want := metadata()
	go func() {
		for i := range want {
			_, _ = peer.Write(want[i : i+1])
		}
	}()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != string(want) {
		t.Errorf("read %x, %v; want %x", got, err, want)
	}
	_ = c.Close()
	if s := l.Stats(); s.Open != 0 || s.Bytes != 0 || s.Frames != 1 {
		t.Errorf("%+v after one frame and a close", s)
	}
}

// TestPeerClosesInTheMiddle closes the connection after each byte of a frame.
func TestPeerClosesInTheMiddle(t *testing.T) {
	l := idleListener(t, nil)
	whole := metadata()
	for n := range len(whole) {
		c, peer := guarded(t, l, "127.0.0.1")
		go func() { _, _ = peer.Write(whole[:n]); _ = peer.Close() }()
		if m, err := c.Read(make([]byte, 100)); m != 0 || err == nil {
			t.Fatalf("after %d bytes: read %d bytes, %v", n, m, err)
		}
		_ = c.Close()
	}
	if s := l.Stats(); s.Open != 0 || s.Bytes != 0 || s.Frames != 0 {
		t.Errorf("%+v after connections without a whole frame", s)
	}
}

// TestOverdue checks each deadline just before and after it.
func TestOverdue(t *testing.T) {
	l := idleListener(t, nil)
	cfg := l.cfg
	const start = int64(time.Hour)
	for _, tt := range []struct {
		name  string
		set   func(c *conn)
		limit time.Duration
		want  Reason
	}{
		{"no request", func(*conn) {}, cfg.FirstRequest, FirstRequest},
		{"idle", func(c *conn) { c.stage.Store(working) }, cfg.Idle, Idle},
		{"only greeted", func(c *conn) { c.stage.Store(greeted) }, cfg.Idle, Idle},
		{"waits for an answer", func(c *conn) { c.stage.Store(working); c.queue = []sent{{}} }, longestWait, Idle},
		{"needs no answer", func(c *conn) { c.stage.Store(working); c.queue = []sent{{silent: true}} }, cfg.Idle, Idle},
		{"stalled frame", func(c *conn) { c.frame.Store(start) }, cfg.Frame, Stalled},
		{"slow reader", func(c *conn) { c.writing.Store(start) }, cfg.Write, SlowReader},
		{"slow reader of 8 MiB", func(c *conn) { c.writing.Store(start); c.answer.Store(8 << 20) }, 3 * cfg.Write, SlowReader},
		{"slow reader before a frame", func(c *conn) { c.writing.Store(start); c.frame.Store(1) }, cfg.Write, SlowReader},
	} {
		c := &conn{l: l, since: start}
		c.last.Store(start)
		tt.set(c)
		if why := c.overdue(start + int64(tt.limit)); why != "" {
			t.Errorf("%s: closed with %s at its limit of %s", tt.name, why, tt.limit)
		}
		if why := c.overdue(start + int64(tt.limit) + 1); why != tt.want {
			t.Errorf("%s: %q after %s, want %s", tt.name, why, tt.limit, tt.want)
		}
	}
}

// TestTricklingFrame checks the limit of a whole frame whose bytes arrive one at a time.
func TestTricklingFrame(t *testing.T) {
	l := idleListener(t, nil)
	for size, limit := range map[int64]time.Duration{100: 2 * l.cfg.Frame, 8 << 20: 6 * l.cfg.Frame} {
		c := &conn{l: l, since: 1}
		c.frame.Store(1)
		c.size.Store(size)
		for _, at := range []struct {
			now  int64
			want Reason
		}{{1 + int64(limit), ""}, {2 + int64(limit), Stalled}} {
			c.last.Store(at.now)
			if why := c.overdue(at.now); why != at.want {
				t.Errorf("%d bytes after %d ns: %q, want %q", size, at.now, why, at.want)
			}
		}
	}
}

// TestLimitOfOneHost opens connections from one remote host: it displaces its own connections.
func TestLimitOfOneHost(t *testing.T) {
	const limit = 16
	l := idleListener(t, func(c *Config) { c.Connections = limit })
	other, _ := guarded(t, l, "192.0.2.9")
	other.stage.Store(greeted)
	var list []*conn
	for range 3 * limit {
		c, _ := guarded(t, l, "192.0.2.1")
		c.stage.Store(greeted)
		list = append(list, c)
	}
	open := 0
	for _, c := range list {
		if !c.closed {
			open++
		}
	}
	if open != limit/2 || other.closed {
		t.Errorf("%d connections of the host are open, want %d; the other host's is closed: %v", open, limit/2, other.closed)
	}
	if list[len(list)-1].closed || !list[0].closed {
		t.Error("the newest connection is closed, or the oldest is open")
	}
}

// TestWorkingConnectionsAreNotDisplaced refuses a connection if all others are in use.
func TestWorkingConnectionsAreNotDisplaced(t *testing.T) {
	const limit = 4
	l := idleListener(t, func(c *Config) { c.Connections = limit })
	for i := range limit {
		c, _ := guarded(t, l, fmt.Sprintf("192.0.2.%d", i))
		c.stage.Store(working)
		c.queue = []sent{{}}
	}
	ours, _ := net.Pipe()
	late := &conn{Conn: from{ours, &net.TCPAddr{IP: net.ParseIP("192.0.2.99")}}, l: l}
	if victim, admitted := l.admit(late); admitted || victim != nil {
		t.Errorf("admitted %v, displaced %v", admitted, victim)
	}
	for c := range l.conns { // idle for long
		c.queue = nil
		c.last.Store(l.now() - 2*int64(displaceable))
	}
	if victim, admitted := l.admit(late); !admitted || victim == nil {
		t.Errorf("admitted %v, displaced %v, although all are idle", admitted, victim)
	}
}

// TestSilentConnections limits connections that have sent nothing to a quarter.
func TestSilentConnections(t *testing.T) {
	const limit = 32
	l := idleListener(t, func(c *Config) { c.Connections = limit })
	for i := range 2 * limit {
		guarded(t, l, fmt.Sprintf("198.51.100.%d", i))
	}
	if n := len(l.all()); n != limit/4 {
		t.Errorf("%d silent connections are open, want %d", n, limit/4)
	}
}

// TestAnswersReleaseMemory checks the memory of requests that are answered, need no answer, or are
// left at the close.
func TestAnswersReleaseMemory(t *testing.T) {
	l := idleListener(t, nil)
	c, peer := guarded(t, l, "127.0.0.1")
	go func() { _, _ = io.Copy(io.Discard, peer) }()
	reserve := func(n int64, silent bool) {
		if !l.memory.try(n) {
			t.Fatal("no memory")
		}
		c.pass(&request{key: int16(kmsg.Produce), version: 9, noAnswer: silent}, n)
	}
	reserve(100, true)
	reserve(1000, false)
	if n := l.memory.used(); n != 1100 {
		t.Errorf("%d bytes are reserved, want 1100", n)
	}
	if _, err := c.Write(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if n := l.memory.used(); n != 0 {
		t.Errorf("%d bytes are reserved after the answer", n)
	}
	for range 5 {
		reserve(10, false)
	}
	if n := l.memory.used(); n != 20 {
		t.Errorf("%d bytes are reserved, want those of the last two requests", n)
	}
	_ = c.Close()
	if s := l.Stats(); s.Bytes != 0 || s.Open != 0 {
		t.Errorf("%+v after the close", s)
	}
}

// TestDisplacesIdleClients: a shortage of descriptors closes the connection that is worth least,
// and none of those in use.
func TestDisplacesIdleClients(t *testing.T) {
	l := idleListener(t, nil)
	l.started = l.started.Add(-time.Minute)
	if l.displace() {
		t.Error("displaced a connection, but there is none")
	}
	busy, _ := guarded(t, l, "127.0.0.1")
	idle, _ := guarded(t, l, "127.0.0.1")
	silent, _ := guarded(t, l, "127.0.0.1")
	now := l.now()
	busy.stage.Store(working)
	busy.last.Store(now)
	idle.stage.Store(working)
	idle.last.Store(now - int64(2*displaceable))
	for i, want := range []*conn{silent, idle} {
		if !l.displace() {
			t.Fatalf("displaced %d connections, want 2", i)
		}
		want.mu.Lock()
		closed := want.closed
		want.mu.Unlock()
		if !closed {
			t.Errorf("connection %d was not the one that is worth least", i)
		}
	}
	if l.displace() || len(l.all()) != 1 {
		t.Error("displaced a connection in use")
	}
}
