package httpserver

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// port is a TCP listener that is opened once. Its methods may be called from any goroutine.
type port struct {
	name, key string
	once      sync.Once
	ln        *netlimit.Listener
	err       error
	ready     chan struct{} // closed after listen
}

// newPort returns the port of the server called name; key is the setting of its port.
func newPort(name, key string) *port {
	return &port{name: name, key: key, ready: make(chan struct{})}
}

// listen calls validate and, if that returns nil, listens on addr. All calls return the
// result of the first.
func (p *port) listen(addr string, validate func() error, limits netlimit.Config) error {
	p.once.Do(func() {
		defer close(p.ready)
		if p.err = validate(); p.err != nil {
			return
		}
		ln, err := net.Listen("tcp", addr)
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			p.err = fmt.Errorf("%s address %s is in use: stop the program that uses it, or set %s to another port: %w", p.name, addr, p.key, err)
		case err != nil:
			p.err = fmt.Errorf("cannot listen on %s address %s (API_HOST, %s): %w", p.name, addr, p.key, err)
		default:
			p.ln = netlimit.New(ln, limits)
		}
	})
	return p.err
}

// addr returns the address of the listener, or nil if listen failed. It blocks until
// listen was called.
func (p *port) addr() net.Addr {
	<-p.ready
	if p.ln == nil {
		return nil
	}
	return p.ln.Addr()
}

// stats returns the counters of the listener; they are zero before listen and if it
// failed.
func (p *port) stats() netlimit.Stats {
	select {
	case <-p.ready:
		if p.ln != nil {
			return p.ln.Stats()
		}
	default:
	}
	return netlimit.Stats{}
}
