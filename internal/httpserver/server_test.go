package httpserver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running starts a server that runs until the test ends.
func running(t *testing.T, edit func(*Config), handler http.Handler) *Server {
	t.Helper()
	cfg := Config{
		Name: "test", Key: "TEST_PORT", Label: "test", Addr: "127.0.0.1:0", ReadHeaderTimeout: 100 * time.Millisecond, ReadTimeout: 100 * time.Millisecond,
		WriteTimeout: 200 * time.Millisecond, IdleTimeout: 100 * time.Millisecond, ShutdownTimeout: 50 * time.Millisecond,
	}
	if edit != nil {
		edit(&cfg)
	}
	s := New(cfg, front(t, Access{}), nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, handler) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	if s.Addr() == nil {
		t.Fatal("Addr returned nil: the server does not listen")
	}
	return s
}

func dial(t *testing.T, s *Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// closed reads until the server closes the connection. It returns an error if the deadline
// passes first.
func closed(c net.Conn) error {
	_, err := io.Copy(io.Discard, c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errors.New("the server did not close the connection")
	}
	return nil // closed, or reset
}

// The server closes connections whose request or response does not make progress.
func TestUnfinishedConnectionsAreClosed(t *testing.T) {
	big := strings.Repeat("x", 8<<20)
	s := running(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/big":
			for range 8 {
				_, _ = io.WriteString(w, big)
			}
		case "/body":
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}))
	for name, sends := range map[string]string{
		"nothing":                     "",
		"part of a line":              "GET /",
		"no end of headers":           "GET / HTTP/1.1\r\nHost: localhost\r\n",
		"no body, which is not read":  "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n",
		"no body, which is read":      "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
		"no end of chunks":            "POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
		"no body after 100-continue":  "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
		"a large body, not read":      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
		"a request, then nothing":     "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a request, then half of one": "GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, s)
			if _, err := io.WriteString(c, sends); err != nil {
				t.Fatal(err)
			}
			if err := closed(c); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("endless headers, one at a time", func(t *testing.T) {
		t.Parallel()
		c := dial(t, s)
		_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n")
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; err == nil; n++ {
			if <-tick.C; n > 1000 {
				t.Fatal("the server accepted 1,000 headers without a time-out")
			}
			_, err = fmt.Fprintf(c, "X-%d: y\r\n", n)
		}
	})
	t.Run("a response that is not read", func(t *testing.T) {
		t.Parallel()
		c := dial(t, s)
		if _, err := io.WriteString(c, "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		waitOpen(t, s, func(int) bool { // after the write time-out the next write of the client fails
			_, err := io.WriteString(c, "x")
			return err != nil
		})
	})
	t.Cleanup(func() { waitOpen(t, s, func(open int) bool { return open == 0 }) })
}

func waitOpen(t *testing.T, s *Server, ok func(open int) bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !ok(s.port.stats().Open); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%d open connections", s.port.stats().Open)
		}
	}
}

// Connections above the limit receive 503. A closed connection makes room for another.
func TestConnectionLimit(t *testing.T) {
	s := running(t, func(c *Config) {
		c.MaxConnections, c.ReadHeaderTimeout, c.ReadTimeout, c.IdleTimeout = 4, time.Minute, time.Minute, time.Minute
	}, http.NotFoundHandler())
	reg := prometheus.NewPedanticRegistry()
	other := New(Config{Label: "other"}, front(t, Access{}), nil)
	reg.MustRegister(s.Collector(), other.Collector())
	var held []net.Conn
	for range 3 { // the limit for one address is three quarters
		held = append(held, dial(t, s))
	}
	waitOpen(t, s, func(open int) bool { return open == 3 })
	for range 2 {
		c := dial(t, s)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		var p struct{ Status int }
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || p.Status != 503 || resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || !resp.Close {
			t.Errorf("%d %+v %v, close %v: %v", resp.StatusCode, p, resp.Header, resp.Close, err)
		}
		_ = resp.Body.Close()
	}
	if got := metric(t, reg, "netlyra_http_connections_refused_total", "test", "peer"); got != 2 {
		t.Errorf("metric of rejected connections: %v", got)
	}
	if got := metric(t, reg, "netlyra_http_connections", "test"); got != 3 {
		t.Errorf("metric of open connections: %v", got)
	}
	_ = held[0].Close()
	waitOpen(t, s, func(open int) bool { return open < 3 })
	c := dial(t, s)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if resp, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || resp.StatusCode != 404 {
		t.Errorf("after a connection was closed: %v %v", resp, err)
	}
}

// metric returns the value of the metric with these label values.
func metric(t *testing.T, reg *prometheus.Registry, name string, labels ...string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			have := map[string]bool{}
			for _, l := range m.GetLabel() {
				have[l.GetValue()] = true
			}
			all := f.GetName() == name
			for _, l := range labels {
				all = all && have[l]
			}
			if all {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no metric %s%v", name, labels)
	return 0
}

func TestShutdownDoesNotWaitForUnfinishedRequests(t *testing.T) {
	s := New(Config{Name: "test", Key: "TEST_PORT", Addr: "127.0.0.1:0", ReadHeaderTimeout: time.Minute, ShutdownTimeout: 10 * time.Millisecond}, front(t, Access{}), nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, http.NotFoundHandler()) }()
	c := dial(t, s)
	_, _ = io.WriteString(c, "GET / HT")
	waitOpen(t, s, func(open int) bool { return open == 1 })
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Run did not return while a request was unfinished")
	}
}
