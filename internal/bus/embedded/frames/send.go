package frames

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// Send sends n frames of s to the broker at addr, at most perConn on each connection, and
// connects again when the broker closes the connection. It reads and discards the answers. It
// returns the number of frames sent, and an error if connecting fails for 30 seconds or ctx
// ends.
func Send(ctx context.Context, addr string, s *Source, n, perConn int) (sent int, err error) {
	const patience = 30 * time.Second
	var d net.Dialer
	var failing time.Time // since when connecting fails
	for sent < n && ctx.Err() == nil {
		c, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			if failing.IsZero() {
				failing = time.Now()
			}
			if time.Since(failing) > patience {
				return sent, err
			}
			continue
		}
		failing = time.Time{}
		sent += s.sendOn(c, min(perConn, n-sent))
	}
	return sent, ctx.Err()
}

// sendOn sends up to n frames on a connection. The number is random, because a broker that
// closes the connection does not read the frames that follow.
func (s *Source) sendOn(c net.Conn, n int) (sent int) {
	var reader sync.WaitGroup
	closed := make(chan struct{})
	reader.Go(func() { defer close(closed); _, _ = io.Copy(io.Discard, c) })
	defer reader.Wait()
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	n = 1 + s.r.IntN(n)
	for ; sent < n; sent++ {
		select {
		case <-closed:
			return sent
		default:
		}
		if _, err := c.Write(s.Next()); err != nil {
			return sent + 1
		}
	}
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.CloseWrite() // the broker processes the frames that were sent
		select {
		case <-closed:
		case <-time.After(20 * time.Millisecond): // some requests wait, for example for other members of a group
		}
	}
	return sent
}
