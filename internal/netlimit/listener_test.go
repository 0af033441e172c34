package netlimit

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func listen(t *testing.T, cfg Config) *Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := New(ln, cfg)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// serve accepts until the listener is closed and sends each connection to the channel.
func serve(t *testing.T, l *Listener) <-chan net.Conn {
	t.Helper()
	out := make(chan net.Conn, 64)
	var done sync.WaitGroup
	done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			out <- c
		}
	})
	t.Cleanup(func() { _ = l.Close(); done.Wait() })
	return out
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

func TestRefusesAboveItsLimitsAndRecovers(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  Config
		why  Reason
	}{
		{"in all", Config{Total: 2}, RefusedTotal},
		{"for each peer", Config{PerPeer: 2}, RefusedPeer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var events []Event
			tt.cfg.Event = func(e Event) { events = append(events, e) }
			tt.cfg.Refuse = func(c net.Conn, why Reason) { _, _ = io.WriteString(c, "refused: "+string(why)) }
			l := listen(t, tt.cfg)
			accepted := serve(t, l)
			dial(t, l)
			dial(t, l)
			first := <-accepted
			<-accepted
			for range 3 {
				got, err := io.ReadAll(dial(t, l))
				if err != nil || string(got) != "refused: "+string(tt.why) {
					t.Fatalf("third connection: %q, %v; want the refusal for %s", got, err, tt.why)
				}
			}
			_ = first.Close()
			_ = first.Close() // the place is freed once
			dial(t, l)
			<-accepted
			s := l.Stats()
			if s.Open != 2 || s.Accepted != 3 || s.Refused[tt.why] != 3 {
				t.Errorf("stats %+v, want 2 open, 3 accepted, 3 refused", s)
			}
			_ = l.Close()
			if len(events) != 1 || events[0].Reason != tt.why || events[0].Peer != "127.0.0.1" {
				t.Errorf("events %+v, want one for the series", events)
			}
		})
	}
}

// A connection whose descriptor is among the last ones is refused.
func TestKeepsDescriptorsBack(t *testing.T) {
	limit, ok := DescriptorLimit()
	if !ok {
		t.Skip("no limit of descriptors on this system")
	}
	l := listen(t, Config{Reserve: int(min(limit, 1<<40)) - 1})
	serve(t, l)
	c, err := net.Dial("tcp", l.Addr().String())
	if err == nil { // else it was reset before Dial returned
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		_, err = c.Read(make([]byte, 1))
	}
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("got %v, want a closed connection", err)
	}
	if s := l.Stats(); s.Refused[RefusedDescriptors] != 1 || s.Open != 0 {
		t.Errorf("stats %+v, want one refused for descriptors", s)
	}
}

// A connection whose descriptor is among the last ones is admitted if another one made room.
func TestDisplacesForTheLastDescriptors(t *testing.T) {
	limit, ok := DescriptorLimit()
	if !ok {
		t.Skip("no limit of descriptors on this system")
	}
	asked := 0
	l := listen(t, Config{Reserve: int(min(limit, 1<<40)) - 1, Displace: func() bool { asked++; return asked > 1 }})
	accepted := make(chan net.Conn)
	go func() {
		c, err := l.Accept()
		if err != nil {
			close(accepted)
			return
		}
		accepted <- c
	}()
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err == nil {
			defer func() { _ = c.Close() }()
		}
	}
	c := <-accepted
	if c == nil {
		t.Fatal("the listener has failed")
	}
	defer func() { _ = c.Close() }()
	if s := l.Stats(); s.Refused[RefusedDescriptors] != 1 || s.Open != 1 {
		t.Errorf("stats %+v, want one refused and one open", s)
	}
}

// failing fails n times with err, then accepts one connection, then blocks until closed.
type failing struct {
	net.Listener
	err    error
	n      int
	closed chan struct{}
}

func (f *failing) Accept() (net.Conn, error) {
	switch f.n--; {
	case f.n >= 0:
		return nil, f.err
	case f.n == -1:
		a, _ := net.Pipe()
		return a, nil
	}
	<-f.closed
	return nil, net.ErrClosed
}

func (f *failing) Close() error { close(f.closed); return nil }

func TestGoesOnAfterErrorsOfAccept(t *testing.T) {
	for _, err := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, errors.New("unknown")} {
		synctest.Test(t, func(t *testing.T) {
			events := 0
			l := New(&failing{err: err, n: 20, closed: make(chan struct{})}, Config{Event: func(e Event) {
				if events++; e.Err != err {
					t.Errorf("event %v, want %v", e.Err, err)
				}
			}})
			begin := time.Now()
			c, got := l.Accept()
			if got != nil {
				t.Fatalf("%v ended the listener: %v", err, got)
			}
			_ = c.Close()
			if d := time.Since(begin); d < 10*time.Second || d > 21*time.Second {
				t.Errorf("20 errors took %v: the pause should grow to a second", d)
			}
			if events != 1 || l.Stats().Errors != 20 {
				t.Errorf("%d events, %d errors counted; want 1 and 20", events, l.Stats().Errors)
			}
			_ = l.Close()
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("after Close: %v, want net.ErrClosed", err)
			}
		})
	}
}

func TestCloseEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(&failing{err: syscall.EMFILE, n: 1 << 30, closed: make(chan struct{})}, Config{})
		ended := make(chan error)
		go func() {
			_, err := l.Accept()
			ended <- err
		}()
		synctest.Wait() // it pauses
		begin := time.Now()
		_ = l.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want net.ErrClosed", err)
		}
		if d := time.Since(begin); d > 0 {
			t.Errorf("Accept returned %v after Close", d)
		}
	})
}

func TestPeerIsOneForMappedAddresses(t *testing.T) {
	peers := map[string]bool{}
	for _, a := range []string{"127.0.0.1", "::ffff:127.0.0.1"} {
		peers[peerOf(addressed{remote: &net.TCPAddr{IP: net.ParseIP(a), Port: 1}})] = true
	}
	if len(peers) != 1 || !peers["127.0.0.1"] {
		t.Errorf("peers %v, want 127.0.0.1 alone", peers)
	}
	if got := peerOf(addressed{remote: &net.TCPAddr{IP: net.ParseIP("fe80::1"), Zone: "eth0"}}); strings.Contains(got, "%") {
		t.Errorf("peer %q has a zone", got)
	}
}

type addressed struct {
	net.Conn
	remote net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.remote }

func TestOpenDescriptorsCounts(t *testing.T) {
	if _, ok := OpenDescriptors(); !ok {
		t.Skip("descriptors cannot be listed on this system")
	}
	const files = 40
	for range files {
		f, err := os.Open(".")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
	}
	limit, _ := DescriptorLimit()
	if n, ok := OpenDescriptors(); !ok || n < files || n > limit {
		t.Errorf("%d descriptors (%v), want at least the %d files and at most the limit of %d", n, ok, files, limit)
	}
}
