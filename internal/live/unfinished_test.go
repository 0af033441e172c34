package live

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netlyra/netlyra/internal/httpserver"
	"github.com/netlyra/netlyra/internal/models"
)

const upgrade = "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// unfinished are incomplete requests.
var unfinished = map[string]string{
	"nothing":                       "",
	"no end of the line":            "GET /w",
	"no end of headers":             "GET /ws HTTP/1.1\r\nHost: localhost\r\n",
	"half of an upgrade":            "GET /ws HTTP/1.1\r\n" + upgrade,
	"refused path with a body":      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n",
	"refused method with a body":    "POST /ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc",
	"refused host with a body":      "POST /ws HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 10\r\n\r\n",
	"no upgrade, no end of chunks":  "GET /ws HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
	"no body after 100-continue":    "POST /ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
	"refused upgrade with a body":   "GET /ws HTTP/1.1\r\n" + strings.Replace(upgrade, "Version: 13", "Version: 12", 1) + "Content-Length: 10\r\n\r\n",
	"upgrade with an endless body":  "GET /ws HTTP/1.1\r\n" + upgrade + "Content-Length: 99999999\r\n\r\n",
	"upgrade, then half of a frame": "GET /ws HTTP/1.1\r\n" + upgrade + "\r\n\x81",
	"refused, then nothing":         "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}

// The place of a client that does not finish its request is released.
func TestUnfinishedRequestsTimeOut(t *testing.T) {
	r := run(t, func(cfg *Config, _ *Deps) {
		cfg.RequestTimeout, cfg.PingEvery, cfg.PongTimeout = 100*time.Millisecond, 50*time.Millisecond, 200*time.Millisecond
	})
	for name, sends := range unfinished {
		t.Run(name, func(t *testing.T) {
			for range 4 {
				c, err := net.Dial("tcp", r.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if _, err := io.WriteString(c, sends); err != nil {
					t.Fatal(err)
				}
				_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
				if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Fatal("the connection stays open")
				}
			}
		})
	}
	wait(t, "all clients gone", func() bool { return r.Clients() == 0 })
}

// wait polls until cond is true.
func wait(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !cond(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s: timeout after 20 s", what)
		}
	}
}

// A refusal closes the connection without reading the rest of a body.
func TestRefusalsCloseTheConnection(t *testing.T) {
	r := run(t, func(cfg *Config, _ *Deps) { cfg.MaxClients = 1 })
	send(t, r.dial(), `{"filter":{}}`)
	for request, want := range map[string]int{
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n":                                           404,
		"POST /ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n":                   405,
		"GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n":                                         426,
		"GET /ws HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n":                                         421,
		"GET /ws HTTP/1.1\r\n" + upgrade + "Origin: https://evil.example\r\n\r\n":             403,
		"GET /ws HTTP/1.1\r\n" + upgrade + "\r\n":                                             503,
		"GET /ws HTTP/1.0\r\n\r\n":                                                            421,
		"GET /netlyra/ws HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n\r\n": 404,
	} {
		c, err := net.Dial("tcp", r.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = io.WriteString(c, request)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatalf("%q: %v", request, err)
		}
		var p struct{ Status int }
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || p.Status != want || resp.StatusCode != want || !resp.Close {
			t.Errorf("%q: %d, %+v, close %v, %v; want %d and Connection: close", request, resp.StatusCode, p, resp.Close, err, want)
		}
		if want == 503 && resp.Header.Get("Retry-After") == "" {
			t.Errorf("%q: no Retry-After", request)
		}
		_ = c.Close()
	}
}

// The port accepts MaxClients connections and unsettled ones beyond that.
func TestConnectionsAreLimited(t *testing.T) {
	reg := prometheus.NewRegistry()
	r := run(t, func(cfg *Config, d *Deps) { cfg.MaxClients, cfg.RequestTimeout, d.Registerer = 1, 20*time.Second, reg })
	refused := 0
	for range 2 * (1 + unsettled) {
		c, err := net.Dial("tcp", r.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, "GET /ws HTTP/1.1\r\n")
	}
	wait(t, "refusals", func() bool {
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		refused = 0
		for _, f := range families {
			if f.GetName() == "netlyra_http_connections_refused_total" {
				for _, m := range f.GetMetric() {
					refused += int(m.GetCounter().GetValue())
				}
			}
		}
		return refused >= 1+unsettled
	})
}

// behind serves the hub through another server, as package api does.
func behind(t *testing.T, r *running, access httpserver.Access) (url string) {
	t.Helper()
	f, err := httpserver.NewFront(access)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f.Wrap(r.Hub))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http") + "/ws"
}

// A client of the API's port receives the same messages as one of WS_PORT, counts against
// the same limit, and receives a close frame at stop.
func TestWebSocketThroughAnotherServer(t *testing.T) {
	r := run(t, func(cfg *Config, _ *Deps) { cfg.MaxClients = 1 })
	url := behind(t, r, httpserver.Access{})
	c, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send(t, c, `{"filter":{}}`)
	r.Alert(&models.Alert{ID: "a1"})
	if g := next(t, c); g.Event != "alert" {
		t.Errorf("%+v", g)
	}
	if _, resp, err := websocket.DefaultDialer.Dial(r.url(), nil); err == nil || resp == nil || resp.StatusCode != 503 {
		t.Errorf("second client with a limit of one: %v", resp)
	}
	r.stop()
	var closed *websocket.CloseError
	if _, _, err := c.ReadMessage(); !errors.As(err, &closed) || closed.Code != websocket.CloseGoingAway {
		t.Errorf("end: %v", err)
	}
}

// Behind a proxy the origin of the page is the public URL's.
func TestOriginsBehindAProxy(t *testing.T) {
	access := httpserver.Access{TrustedProxies: []string{"127.0.0.1"}, PublicURL: "https://noc.example/netlyra/"}
	r := run(t, func(cfg *Config, _ *Deps) { cfg.Access, cfg.AllowedOrigins = access, []string{"wall.example:8443"} })
	for origin, want := range map[string]int{
		"https://noc.example": 101, "https://wall.example": 101, "https://evil.example": 403, "https://noc.example.evil": 403, "null": 403,
	} {
		for _, path := range []string{"/ws", "/netlyra/ws"} {
			u := fmt.Sprintf("ws://%s%s", r.Addr(), path)
			c, resp, err := websocket.DefaultDialer.Dial(u, http.Header{"Origin": {origin}, "X-Forwarded-For": {"192.0.2.4"}, "X-Forwarded-Host": {"noc.example"}})
			if resp == nil || resp.StatusCode != want {
				t.Errorf("%s of %s: %v %v, want %d", path, origin, resp, err, want)
			}
			if err == nil {
				send(t, c, `{"filter":{}}`)
				_ = c.Close()
			}
		}
	}
}

func TestWildcardOriginsAreInvalid(t *testing.T) {
	for _, o := range []string{"*", "*.example", "https://noc.example"} {
		cfg := DefaultConfig()
		cfg.AllowedOrigins = []string{o}
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "WS_ALLOWED_ORIGINS") {
			t.Errorf("%s: %v", o, err)
		}
	}
}
