package httpserver

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// port is a TCP address that is taken once. Its methods may be called from any goroutine.
type port struct {
	name, key string
	once      sync.Once
	ln        *netlimit.Listener
	err       error
	ready     chan struct{} // closed when it listens or cannot
}

// newPort is for the server called name, whose port the setting key decides.
func newPort(name, key string) *port {
	return &port{name: name, key: key, ready: make(chan struct{})}
}

// listen takes the address, unless validate, which comes first, fails. Every call has the
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
			p.err = fmt.Errorf("%s address %s is in use: stop the program that has it, or set %s to another port: %w", p.name, addr, p.key, err)
		case err != nil:
			p.err = fmt.Errorf("%s address %s cannot be used (API_HOST, %s): %w", p.name, addr, p.key, err)
		default:
			p.ln = netlimit.New(ln, limits)
		}
	})
	return p.err
}

// addr is the address that is listened on; it waits until listen was called. It is nil
// where that failed.
func (p *port) addr() net.Addr {
	<-p.ready
	if p.ln == nil {
		return nil
	}
	return p.ln.Addr()
}

// stats is zero before listen and where that failed.
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
