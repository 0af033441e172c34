package frames

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// Send sends n frames of s to the broker at addr, perConn on each connection at most: a
// connection that the broker closes is followed by the next one. Answers are read and
// thrown away. It gives the number of frames that were written, and the first error of
// dialling that lasted for longer than patience.
func Send(ctx context.Context, addr string, s *Source, n, perConn int) (sent int, err error) {
	const patience = 30 * time.Second
	var d net.Dialer
	lost := time.Time{}
	for sent < n && ctx.Err() == nil {
		c, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			if lost.IsZero() {
				lost = time.Now()
			}
			if time.Since(lost) > patience {
				return sent, err
			}
			continue
		}
		lost = time.Time{}
		sent += s.talk(c, min(perConn, n-sent))
	}
	return sent, ctx.Err()
}

// talk writes up to n frames to a connection, and some only one: a broker that has closed
// it does not see those behind.
func (s *Source) talk(c net.Conn, n int) (sent int) {
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
		_ = t.CloseWrite() // what was sent is worked off
		select {
		case <-closed:
		case <-time.After(20 * time.Millisecond): // a member of a group, say, waits for others
		}
	}
	return sent
}
