package bus

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestCheckpointWhileUnreachable: an engine takes over a lane while brokers cannot be
// reached. Each kind of failure is waited out.
func TestCheckpointWhileUnreachable(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ETIMEDOUT, syscall.EMFILE} {
		t.Run(errno.Error(), func(t *testing.T) {
			t.Parallel()
			addr := broker(t, "").Addr()
			lane := dial(t, addr, Deps{}, nil)
			if err := lane.Checkpoints().Save(t.Context(), "g", 0, 7, []byte("state")); err != nil {
				t.Fatal(err)
			}
			cfg := lane.Config()
			link := &cable{conns: map[net.Conn]bool{}}
			var refused atomic.Int64
			enough := make(chan struct{})
			c := dial(t, addr, Deps{Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := link.dial(ctx, network, addr)
				if err == nil {
					return conn, nil
				}
				if refused.Add(1) == 12 {
					close(enough)
				}
				return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", errno)}
			}}, func(c *Config) { c.Topics = cfg.Topics })
			link.set(true)
			type result struct {
				offset int64
				err    error
			}
			done := make(chan result, 1)
			go func() {
				offset, _, err := c.Checkpoints().Load(t.Context(), "g", 0)
				done <- result{offset, err}
			}()
			select {
			case <-enough:
			case r := <-done:
				t.Fatalf("gave up after %d refused connections: %v", refused.Load(), r.err)
			}
			link.set(false)
			if r := <-done; r.err != nil || r.offset != 7 {
				t.Errorf("offset %d, %v", r.offset, r.err)
			}
		})
	}
}

// TestCheckpointEndsWithItsContext: the wait for brokers can be ended.
func TestCheckpointEndsWithItsContext(t *testing.T) {
	link := &cable{conns: map[net.Conn]bool{}}
	c := dial(t, broker(t, "").Addr(), Deps{Dialer: link.dial}, nil)
	link.set(true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := c.Checkpoints().Load(ctx, "g", 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
