package embedded

import (
	"context"
	"net"
	"sync"

	"github.com/netlyra/netlyra/internal/bus/embedded/guard"
)

// acceptor accepts the guarded connections of the port and connections from within the
// process.
//
// Connections from within the process use no file descriptors and do not count as
// connections of the port. The process has about 24 of them, each with two ends; otherwise a
// flood of connections, or a low limit of descriptors, would cut it off from its own log.
type acceptor struct {
	*guard.Listener
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// newAcceptor returns an acceptor; it starts a goroutine that runs until Close.
func newAcceptor(port *guard.Listener) *acceptor {
	a := &acceptor{Listener: port, conns: make(chan net.Conn), done: make(chan struct{})}
	go a.acceptPort()
	return a
}

// acceptPort forwards connections of the port until the port is closed.
func (a *acceptor) acceptPort() {
	for {
		c, err := a.Listener.Accept()
		if err != nil {
			return
		}
		select {
		case a.conns <- c:
		case <-a.done:
			_ = c.Close()
			return
		}
	}
}

// Accept returns the next connection, from the port or from within the process.
func (a *acceptor) Accept() (net.Conn, error) {
	select {
	case c := <-a.conns:
		return c, nil
	case <-a.done:
		return nil, net.ErrClosed
	}
}

// Close stops accepting.
func (a *acceptor) Close() error {
	a.once.Do(func() { close(a.done) })
	return a.Listener.Close()
}

// dial connects from within the process.
func (a *acceptor) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case a.conns <- inside{theirs, a.Addr()}:
		return inside{ours, a.Addr()}, nil
	case <-a.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inside is one end of a connection from within the process.
type inside struct {
	net.Conn
	addr net.Addr // address of the port, reported for both ends
}

func (i inside) LocalAddr() net.Addr  { return i.addr }
func (i inside) RemoteAddr() net.Addr { return i.addr }

// Dial connects a client of this process: without the network if addr is the broker's
// address, else like net.Dialer. It may be called from any goroutine.
func (b *Broker) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr == b.addr {
		return b.acceptor.dial(ctx)
	}
	return (&net.Dialer{}).DialContext(ctx, network, addr)
}
