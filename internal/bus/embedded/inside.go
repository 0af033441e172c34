package embedded

import (
	"context"
	"net"
	"sync"

	"github.com/netlyra/netlyra/internal/bus/embedded/guard"
)

// door accepts the connections that come over the port, which are guarded, and those of
// this process. Both speak the Kafka protocol to the same broker.
//
// The process's own connections take no file descriptors and no place among the port's
// connections: a process has two dozen of them, each with two ends, and a flood of the
// port, or a low limit of descriptors, would cut it off from its own log.
type door struct {
	*guard.Listener
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// newDoor begins to accept.
func newDoor(port *guard.Listener) *door {
	d := &door{Listener: port, conns: make(chan net.Conn), done: make(chan struct{})}
	go d.acceptPort()
	return d
}

// acceptPort passes on what the port accepts, until it is closed.
func (d *door) acceptPort() {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return
		}
		select {
		case d.conns <- c:
		case <-d.done:
			_ = c.Close()
			return
		}
	}
}

// Accept returns the next connection from either side.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.conns:
		return c, nil
	case <-d.done:
		return nil, net.ErrClosed
	}
}

// Close stops accepting.
func (d *door) Close() error {
	d.once.Do(func() { close(d.done) })
	return d.Listener.Close()
}

// dial connects this process.
func (d *door) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case d.conns <- inside{theirs, d.Addr()}:
		return inside{ours, d.Addr()}, nil
	case <-d.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inside is one end of a connection within the process.
type inside struct {
	net.Conn
	addr net.Addr // of the port, which stands for both ends
}

func (i inside) LocalAddr() net.Addr  { return i.addr }
func (i inside) RemoteAddr() net.Addr { return i.addr }

// Dial connects a client of this process to addr: to the broker without the network
// where it is the broker's address, else as net.Dialer does. Any goroutine may call it.
func (b *Broker) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr == b.addr {
		return b.door.dial(ctx)
	}
	return (&net.Dialer{}).DialContext(ctx, network, addr)
}
