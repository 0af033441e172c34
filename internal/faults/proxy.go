package faults

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy is the network between processes and a broker. Clients are told its address
// instead of the broker's, so that all they say goes through it. It can be slow,
// silent, cut and half closed; Heal ends all of that.
type Proxy struct {
	target   string
	listener net.Listener

	mu      sync.Mutex
	state   network
	changed chan struct{} // closed and replaced at each change of state
	links   map[*link]struct{}
	closed  bool
}

// network is the state of a Proxy.
type network struct {
	silent  bool          // no data passes, and no error is reported
	cut     bool          // connections are reset, new ones too
	latency time.Duration // of each direction
	rate    int           // bytes a second of each direction and connection, 0 is no limit
}

// link is one connection with both its ends.
type link struct{ client, broker net.Conn }

func (l *link) close() { _ = l.client.Close(); _ = l.broker.Close() }

// NewProxy makes a network towards the broker at target (HOST:PORT).
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{target: target, listener: l, changed: make(chan struct{}), links: map[*link]struct{}{}}
	t.Cleanup(p.close)
	go p.accept()
	return p
}

// Addr is HOST:PORT for clients.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Slow delays each direction by latency and lets bytesPerSecond through.
func (p *Proxy) Slow(latency time.Duration, bytesPerSecond int) {
	p.set(func(n *network) { n.latency, n.rate = latency, bytesPerSecond })
}

// Silence drops all data without errors, like an unplugged cable.
func (p *Proxy) Silence() { p.set(func(n *network) { n.silent = true }) }

// Cut resets all connections, and new ones at once.
func (p *Proxy) Cut() {
	p.set(func(n *network) { n.cut = true })
	for _, l := range p.all() {
		reset(l.client)
		l.close()
	}
}

// HalfClose ends the direction from the broker to the client of each connection: the
// client reads an end of file, and what it writes still arrives.
func (p *Proxy) HalfClose() {
	for _, l := range p.all() {
		if c, ok := l.client.(*net.TCPConn); ok {
			_ = c.CloseWrite()
		}
	}
}

// Heal makes a good network of it again. What was on its way arrives.
func (p *Proxy) Heal() { p.set(func(n *network) { *n = network{} }) }

func (p *Proxy) set(change func(*network)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.state)
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) get() (network, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state, p.changed
}

func (p *Proxy) all() (list []*link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		list = append(list, l)
	}
	return list
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Cut()
}

// reset makes closing say RST instead of FIN.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(c)
	}
}

// serve is the life of one connection.
func (p *Proxy) serve(c net.Conn) {
	if n, _ := p.get(); n.cut {
		reset(c)
		_ = c.Close()
		return
	}
	b, err := net.Dial("tcp", p.target)
	if err != nil {
		reset(c)
		_ = c.Close()
		return
	}
	l := &link{c, b}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		l.close()
		return
	}
	p.links[l] = struct{}{}
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.pump(b, c); _ = b.(*net.TCPConn).CloseWrite() })
	both.Go(func() {
		p.pump(&readdressed{Writer: c, from: wire(p.target), to: wire(p.Addr())}, b)
		_ = c.(*net.TCPConn).CloseWrite()
	})
	both.Wait()
	l.close()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// parcel is bytes on their way.
type parcel struct {
	data []byte
	due  time.Time
}

// pump carries bytes one way until either end is closed. The parcels on their way are
// bounded, as the buffers of a network are.
func (p *Proxy) pump(dst io.Writer, src io.Reader) {
	queue := make(chan parcel, 256)
	go func() {
		defer close(queue)
		for {
			b := make([]byte, 16<<10)
			n, err := src.Read(b)
			if n > 0 {
				now, _ := p.get()
				queue <- parcel{b[:n], time.Now().Add(now.latency)}
			}
			if err != nil {
				return
			}
		}
	}()
	var failed error
	for q := range queue {
		if failed == nil {
			failed = p.deliver(dst, q)
		}
		if failed != nil { // make the reader end, and take from it what it still has
			if c, ok := src.(net.Conn); ok {
				_ = c.Close()
			}
		}
	}
}

// deliver waits until the network lets a parcel through, and writes it.
func (p *Proxy) deliver(dst io.Writer, q parcel) error {
	for {
		n, changed := p.get()
		wait := time.Until(q.due)
		switch {
		case n.cut:
			return errors.New("cut")
		case n.silent:
			<-changed
			continue
		case n.latency > 0 && wait > 0:
			after(wait, changed)
			continue
		}
		if _, err := dst.Write(q.data); err != nil {
			return err
		}
		if n.rate > 0 {
			after(time.Duration(float64(len(q.data))/float64(n.rate)*float64(time.Second)), changed)
		}
		return nil
	}
}

// after waits for d, or until the network changes.
func after(d time.Duration, changed <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-changed:
	}
}
