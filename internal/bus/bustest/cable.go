package bustest

import (
	"context"
	"errors"
	"net"
	"sync"
)

// ErrCut is the error of Cable.Dial while the cable is cut.
var ErrCut = errors.New("cable cut")

// Cable is a network that can be cut. Make it with NewCable.
type Cable struct {
	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// NewCable returns a network that works.
func NewCable() *Cable { return &Cable{conns: map[net.Conn]bool{}} }

// Dial connects, or fails with ErrCut.
func (c *Cable) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return nil, ErrCut
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err == nil {
		c.conns[conn] = true
	}
	return conn, err
}

// Cut closes all connections and refuses new ones, until Restore.
func (c *Cable) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for conn := range c.conns {
		_ = conn.Close()
		delete(c.conns, conn)
	}
}

// Restore lets connections through again.
func (c *Cable) Restore() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}
