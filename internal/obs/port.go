package obs

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
)

// Port is a server's place in the network: a TCP address that is taken once. Its methods
// may be called from any goroutine.
type Port struct {
	name, key string
	once      sync.Once
	ln        net.Listener
	err       error
	ready     chan struct{} // closed when it listens or cannot
}

// NewPort is for the server called name, whose port the setting key decides.
func NewPort(name, key string) *Port {
	return &Port{name: name, key: key, ready: make(chan struct{})}
}

// Listen takes the address, unless validate, which comes first, fails. Every call has the
// result of the first.
func (p *Port) Listen(addr string, validate func() error) error {
	p.once.Do(func() {
		defer close(p.ready)
		if p.err = validate(); p.err != nil {
			return
		}
		p.ln, p.err = net.Listen("tcp", addr)
		switch {
		case errors.Is(p.err, syscall.EADDRINUSE):
			p.err = fmt.Errorf("%s address %s is in use: stop the program that has it, or set %s to another port: %w", p.name, addr, p.key, p.err)
		case p.err != nil:
			p.err = fmt.Errorf("%s address %s cannot be used (API_HOST, %s): %w", p.name, addr, p.key, p.err)
		}
	})
	return p.err
}

// Listener is nil before Listen and where that failed.
func (p *Port) Listener() net.Listener { return p.ln }

// Addr is the address that is listened on; it waits until Listen was called. It is nil
// where that failed.
func (p *Port) Addr() net.Addr {
	<-p.ready
	if p.ln == nil {
		return nil
	}
	return p.ln.Addr()
}
