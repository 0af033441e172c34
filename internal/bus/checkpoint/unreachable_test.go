package checkpoint

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
)

// TestCheckpointWhileUnreachable: loading a checkpoint while the brokers are unreachable
// retries after each kind of failure.
func TestCheckpointWhileUnreachable(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ETIMEDOUT, syscall.EMFILE} {
		t.Run(errno.Error(), func(t *testing.T) {
			t.Parallel()
			addr := bustest.StartBroker(t, "").Addr()
			lane := bustest.Dial(t, addr, client.Deps{}, nil)
			if err := New(lane, DefaultConfig()).Save(t.Context(), "g", 0, 7, []byte("state")); err != nil {
				t.Fatal(err)
			}
			cfg := lane.Config()
			link := bustest.NewCable()
			var refused atomic.Int64
			enough := make(chan struct{})
			c := bustest.Dial(t, addr, client.Deps{Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := link.Dial(ctx, network, addr)
				if err == nil {
					return conn, nil
				}
				if refused.Add(1) == 12 {
					close(enough)
				}
				return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", errno)}
			}}, func(c *client.Config) { c.Topics = cfg.Topics })
			link.Cut()
			type result struct {
				offset int64
				err    error
			}
			done := make(chan result, 1)
			go func() {
				offset, _, err := New(c, DefaultConfig()).Load(t.Context(), "g", 0)
				done <- result{offset, err}
			}()
			select {
			case <-enough:
			case r := <-done:
				t.Fatalf("gave up after %d refused connections: %v", refused.Load(), r.err)
			}
			link.Restore()
			if r := <-done; r.err != nil || r.offset != 7 {
				t.Errorf("offset %d, %v", r.offset, r.err)
			}
		})
	}
}

// TestCheckpointEndsWithItsContext: the wait for brokers ends with the context.
func TestCheckpointEndsWithItsContext(t *testing.T) {
	link := bustest.NewCable()
	c := bustest.Dial(t, bustest.StartBroker(t, "").Addr(), client.Deps{Dialer: link.Dial}, nil)
	link.Cut()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := New(c, DefaultConfig()).Load(ctx, "g", 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
