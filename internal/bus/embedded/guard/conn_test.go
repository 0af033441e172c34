package guard

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// serve runs a listener and a broker that reads like kfake and answers each request with its
// key and version.
func serve(t *testing.T, change func(*Config)) *Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	l := New(ln, cfg)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c)
		}
	}()
	return l
}

func answer(c net.Conn) {
	defer func() { _ = c.Close() }()
	size := make([]byte, 4)
	for {
		if _, err := io.ReadFull(c, size); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(size))
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		out := append([]byte{0, 0, 0, 4}, body[:4]...)
		if body[1] == byte(kmsg.DescribeCluster) {
			out = make([]byte, 8<<20)
		}
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

func dial(t *testing.T, l *Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

// framed returns a request with its length.
func framed(req kmsg.Request) []byte {
	b := frame(req)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func metadata() []byte {
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(12)
	return framed(req)
}

// works fails the test unless a request on the connection is answered.
func works(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := c.Write(metadata()); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 8)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "\x00\x00\x00\x04\x00\x03\x00\x0c" {
		t.Fatalf("answer %x, %v", got, err)
	}
}

// closed reads until the connection is closed, and fails the test on a timeout.
func closed(t *testing.T, c net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("connection was not closed; %d bytes read", len(b))
	}
	return string(b)
}

func TestFirstBytes(t *testing.T) {
	long := kmsg.NewPtrCreateTopicsRequest()
	long.Topics = append(long.Topics, kmsg.NewCreateTopicsRequestTopic())
	long.Topics[0].Topic = strings.Repeat("x", 30_000)
	long.Topics = append(long.Topics, long.Topics[0], long.Topics[0])
	for _, tt := range []struct {
		name, bytes, answer string
		why                 Reason
	}{
		{"GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 ", HTTP},
		{"POST with a Kafka request as its body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n" + string(metadata()), "HTTP/1.1 400 ", HTTP},
		{"PUT", "PUT /a HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", HTTP},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400 ", HTTP},
		{"M-SEARCH", "M-SEARCH * HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", HTTP},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\x15\x03", TLS},
		{"another protocol", "ssh-2.0-x\r\n", "", FrameTooLarge},
		{"unknown key, 14 bytes", "\x00\x00\x00\x0a\x7f\xff\x00\x00\x00\x00\x00\x01\xff\xff", "", UnknownAPI},
		{"negative key", "\x00\x00\x00\x0a\xff\xff\x00\x00\x00\x00\x00\x01\xff\xff", "", UnknownAPI},
		{"negative version", "\x00\x00\x00\x0a\x00\x03\xff\xff\x00\x00\x00\x01\xff\xff", "", UnsupportedVersion},
		{"version above the maximum", "\x00\x00\x00\x0a\x00\x03\x00\x63\x00\x00\x00\x01\xff\xff", "", UnsupportedVersion},
		{"negative length", "\xff\xff\xff\xff\x00\x03", "", FrameTooLarge},
		{"two gigabytes", "\x7f\xff\xff\xff\x00\x00\x00\x09", "", FrameTooLarge},
		{"length 0", "\x00\x00\x00\x00", "", FrameTooShort},
		{"shorter than a header", "\x00\x00\x00\x09\x00\x03\x00\x0c\x00\x00\x00\x01\xff", "", FrameTooShort},
		{"larger than the limit of its key", string(framed(long)), "", FrameTooLarge},
		{"client id longer than the frame", "\x00\x00\x00\x0a\x00\x03\x00\x00\x00\x00\x00\x01\x7f\xff", "", Malformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := serve(t, nil)
			c := dial(t, l)
			if _, err := io.WriteString(c, tt.bytes); err != nil {
				t.Fatal(err)
			}
			if got := closed(t, c); !strings.HasPrefix(got, tt.answer) || tt.answer == "" && got != "" {
				t.Errorf("answer %q, want %q", got, tt.answer)
			}
			if s := l.Stats(); s.Refused[tt.why] != 1 || s.Frames != 0 {
				t.Errorf("stats %+v, want one refusal with reason %s", s, tt.why)
			}
			works(t, dial(t, l))
		})
	}
}

// TestLengthFieldsAllocateNothing checks that a length field allocates no memory before the bytes
// arrive.
func TestLengthFieldsAllocateNothing(t *testing.T) {
	l := serve(t, nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 40 {
		c := dial(t, l)
		if _, err := c.Write([]byte{0x01, 0xff, 0xff, 0x00, 0, 0, 0, 9, 0, 0, 0, 1, 0xff, 0xff, 0}); err != nil { // 32 MiB of a Produce
			t.Fatal(err)
		}
	}
	works(t, dial(t, l))
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 {
		t.Errorf("allocated %d MiB", n>>20)
	}
}

// TestDeadlines checks that connections are closed that send nothing, stall in a frame, are idle
// or do not read.
func TestDeadlines(t *testing.T) {
	const short = 300 * time.Millisecond
	slow := func(_ *testing.T, c net.Conn) { _, _ = c.Write(framed(kmsg.NewPtrDescribeClusterRequest())) } // has a large answer
	for _, tt := range []struct {
		why    Reason
		change func(*Config)
		client func(*testing.T, net.Conn)
	}{
		{FirstRequest, func(c *Config) { c.FirstRequest = short }, func(*testing.T, net.Conn) {}},
		{Stalled, func(c *Config) { c.Frame = short }, func(_ *testing.T, c net.Conn) { _, _ = c.Write(metadata()[:9]) }},
		{Stalled, func(c *Config) { c.Frame = short }, func(_ *testing.T, c net.Conn) { _, _ = c.Write(metadata()[:2]) }},
		{Idle, func(c *Config) { c.Idle = short }, works},
		{SlowReader, func(c *Config) { c.Write = short }, slow},
	} {
		t.Run(string(tt.why), func(t *testing.T) {
			l := serve(t, tt.change)
			c := dial(t, l)
			tt.client(t, c)
			if tt.why != SlowReader {
				closed(t, c)
			}
			for deadline := time.Now().Add(10 * time.Second); l.Stats().Refused[tt.why] != 1; runtime.Gosched() {
				if time.Now().After(deadline) {
					t.Fatalf("stats %+v, want one connection closed with reason %s", l.Stats(), tt.why)
				}
			}
			works(t, dial(t, l))
		})
	}
}

// TestFloodDisplacesItsOwnConnections checks that clients can connect, and working connections
// remain open, during a flood of connections that send nothing or only greet.
func TestFloodDisplacesItsOwnConnections(t *testing.T) {
	for _, greet := range []bool{false, true} {
		l := serve(t, func(c *Config) { c.Connections = 16 })
		mine := dial(t, l)
		works(t, mine)
		for range 100 {
			c := dial(t, l)
			if greet {
				req := kmsg.NewPtrApiVersionsRequest()
				_, _ = c.Write(framed(req))
				_, _ = io.ReadFull(c, make([]byte, 8))
			}
		}
		works(t, dial(t, l))
		works(t, mine)
		if s := l.Stats(); s.Open > 16 || s.Refused[Connections] < 80 {
			t.Errorf("greeted %v: %d open, %d displaced; want at most 16, and 80 or more", greet, s.Open, s.Refused[Connections])
		}
	}
}

// TestMemoryIsShared checks that frames wait for memory, and are refused after a timeout.
func TestMemoryIsShared(t *testing.T) {
	l := serve(t, func(c *Config) { c.Memory, c.Frame = 3<<20, time.Second })
	head := []byte{0x00, 0x20, 0x00, 0x00, 0, 0, 0, 9, 0, 0, 0, 1, 0xff, 0xff, 0} // 2 MiB of a Produce
	first := dial(t, l)
	_, _ = first.Write(head)
	for deadline := time.Now().Add(5 * time.Second); l.Stats().Bytes < 2<<20; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("no memory was reserved")
		}
	}
	second := dial(t, l)
	_, _ = second.Write(head)
	works(t, dial(t, l)) // small requests need no reservation
	closed(t, first)     // stalled
	closed(t, second)
	s := l.Stats()
	for deadline := time.Now().Add(5 * time.Second); s.Bytes > 8 && time.Now().Before(deadline); s = l.Stats() {
		runtime.Gosched() // the client observes the close before the server releases the memory
	}
	if s.Refused[Stalled] == 0 || s.Bytes > 8 {
		t.Errorf("stats %+v, want one stalled and all memory released", s)
	}
}

// TestNewerApiVersions checks that ApiVersions of a newer version is replaced by one that the
// broker can answer (KIP-511).
func TestNewerApiVersions(t *testing.T) {
	l := serve(t, nil)
	c := dial(t, l)
	_, _ = c.Write([]byte{0, 0, 0, 12, 0, 18, 0, 77, 0, 0, 0, 1, 0xff, 0xff, 9, 9})
	got := make([]byte, 8)
	if _, err := io.ReadFull(c, got); err != nil || got[5] != 18 || got[7] != unknownVersions {
		t.Errorf("answer %x, %v", got, err)
	}
}

// TestUnauthenticated checks that other requests are refused before the authentication.
func TestUnauthenticated(t *testing.T) {
	l := serve(t, func(c *Config) { c.Login = true })
	c := dial(t, l)
	_, _ = c.Write(metadata())
	closed(t, c)
	if s := l.Stats(); s.Refused[Unauthenticated] != 1 {
		t.Errorf("stats %+v, want one refusal with reason unauthenticated", s)
	}
}

// TestNamesAreLimited checks the limit of names that the broker keeps.
func TestNamesAreLimited(t *testing.T) {
	n := names{limit: 3}
	for i := range 10 {
		want := Reason("")
		if i >= 3 {
			want = Names
		}
		for _, req := range []request{{group: []byte{byte(i)}}, {txn: []byte{byte(i)}}} {
			if got := n.admit(&req); got != want {
				t.Errorf("name %d: %q, want %q", i, got, want)
			}
		}
	}
	if why := n.admit(&request{group: []byte{0}}); why != "" {
		t.Errorf("existing group refused: %s", why)
	}
}

// FuzzSocket sends arbitrary bytes to a listener, which must survive and release its memory.
func FuzzSocket(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("\x00\x00\x00\x0a\x7f\xff\x00\x00\x00\x00\x00\x00\xff\xff"))
	f.Add(metadata())
	f.Add(framed(kmsg.NewPtrFetchRequest()))
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg := DefaultConfig()
		a, z := net.Pipe()
		l := New(&one{conn: z, done: make(chan struct{})}, cfg)
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = a.Write(b); _ = a.Close() }()
		go func() { _, _ = io.Copy(io.Discard, a) }()
		answer(c)
		if s := l.Stats(); s.Open != 0 || s.Bytes != 0 {
			t.Errorf("%+v", s)
		}
		_ = l.Close()
	})
}

// one is a listener of a single connection.
type one struct {
	conn net.Conn
	done chan struct{}
}

func (o *one) Accept() (c net.Conn, err error) {
	if c, o.conn = o.conn, nil; c == nil {
		<-o.done
		return nil, net.ErrClosed
	}
	return c, nil
}

func (o *one) Close() error   { close(o.done); return nil }
func (o *one) Addr() net.Addr { return &net.TCPAddr{} }
