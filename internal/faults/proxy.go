package faults

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy is the network between processes and a broker. It replaces the broker's address in
// responses by its own, so that all traffic of the clients passes through it. It can be slow,
// silent, cut and half closed; Heal ends all faults.
type Proxy struct {
	target   string
	listener net.Listener

	mu      sync.Mutex
	state   network
	changed chan struct{} // closed and replaced when state changes
	links   map[*link]struct{}
	closed  bool
}

// network is the state of a Proxy.
type network struct {
	silent  bool          // no data passes, and no error is reported
	cut     bool          // connections are reset, new ones too
	latency time.Duration // of each direction
	rate    int           // bytes per second of each direction of a connection, 0: no limit
}

// link is one connection with both its ends.
type link struct{ client, broker net.Conn }

func (l *link) close() { _ = l.client.Close(); _ = l.broker.Close() }

// NewProxy returns a network to the broker at target (HOST:PORT).
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

// Addr returns the HOST:PORT for clients.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Slow delays each direction by latency and limits it to bytesPerSecond.
func (p *Proxy) Slow(latency time.Duration, bytesPerSecond int) {
	p.set(func(n *network) { n.latency, n.rate = latency, bytesPerSecond })
}

// Silence drops all data without errors, like an unplugged cable.
func (p *Proxy) Silence() { p.set(func(n *network) { n.silent = true }) }

// Cut resets all connections, and resets new ones immediately.
func (p *Proxy) Cut() {
	p.set(func(n *network) { n.cut = true })
	for _, l := range p.all() {
		reset(l.client)
		l.close()
	}
}

// HalfClose closes the direction from the broker to the client of each connection: the
// client reads an end of file, and its writes still arrive.
func (p *Proxy) HalfClose() {
	for _, l := range p.all() {
		if c, ok := l.client.(*net.TCPConn); ok {
			_ = c.CloseWrite()
		}
	}
}

// Heal ends all faults. Data in flight is delivered.
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

// reset makes Close send RST instead of FIN.
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

// serve handles one connection until it ends.
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

// parcel is data in flight.
type parcel struct {
	data []byte
	due  time.Time
}

// pump copies data in one direction until either end is closed. Like the buffers of a
// network, the number of parcels in flight is bounded.
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
		if failed != nil { // end the reader, and drain the queue
			if c, ok := src.(net.Conn); ok {
				_ = c.Close()
			}
		}
	}
}

// deliver waits until the network can deliver a parcel, and writes it.
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
