package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/httpserver"
)

// The Host header is checked on every listen address: hosts of other machines are rejected.
func TestHostIsCheckedOnEveryAddress(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:8090", "0.0.0.0:8090", "[::]:8090", ":8090", "192.0.2.7:8090"} {
		f := newFixture(t, func(c *api.Config, _ *api.Deps) { c.Addr, c.Access.AllowedHosts = addr, []string{"noc.example"} })
		for host, want := range map[string]int{
			"localhost:8090": 200, "127.0.0.1:8090": 200, "[::1]:8090": 200, "noc.example": 200,
			"evil.example": 421, "192.0.2.99:8090": 421, "[2001:db8::99]:8090": 421, "0.0.0.0:8090": 421, "noc.example.evil.example": 421,
		} {
			for _, target := range []string{"/", "/api/v1/alerts", "/metrics", "/assets/app-1234.js"} {
				r := f.raw("GET", target, "", "Host", host)
				if r.StatusCode != want || want == 421 && r.Header.Get("Connection") != "close" {
					t.Errorf("%s: Host %s, %s: %d %q, want %d", addr, host, target, r.StatusCode, r.Header.Get("Connection"), want)
				}
			}
		}
	}
}

// A page of another site can load neither data nor metrics, with any element. It may link
// to a document.
func TestOtherSitesCannotRead(t *testing.T) {
	f := newFixture(t, nil)
	for _, target := range []string{"/api/v1/alerts", "/api/v1/alerts/b1", "/api/v1/config", "/api/v1/openapi.yaml", "/metrics", "/api/v1/nothing"} {
		for _, c := range []struct {
			site, mode, dest string
			rejected         bool
		}{
			{"cross-site", "no-cors", "script", true}, {"cross-site", "no-cors", "image", true}, {"cross-site", "cors", "empty", true}, {"same-site", "no-cors", "style", true},
			{"cross-site", "navigate", "iframe", true}, {"cross-site", "navigate", "embed", true}, {"cross-site", "websocket", "empty", true},
			{"cross-site", "navigate", "document", false}, {"same-origin", "cors", "empty", false}, {"none", "navigate", "document", false},
		} {
			r := f.raw("GET", target, "", "Sec-Fetch-Site", c.site, "Sec-Fetch-Mode", c.mode, "Sec-Fetch-Dest", c.dest)
			if got := r.StatusCode == http.StatusForbidden; got != c.rejected || got && r.Header.Get("Connection") != "close" {
				t.Errorf("%s %+v: %d", target, c, r.StatusCode)
			}
		}
		for _, header := range [][2]string{{"Origin", "https://evil.example"}, {"Referer", "https://evil.example/x"}} {
			if r := f.raw("GET", target, "", header[0], header[1]); r.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %s: %d", target, header[0], r.StatusCode)
			}
		}
	}
	if r := f.raw("GET", "/alerts", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"); r.StatusCode != 200 {
		t.Errorf("link to the page: status %d", r.StatusCode)
	}
}

// listening starts a server on a free port, which runs until the test ends.
func listening(t *testing.T, edit func(*api.Config, *api.Deps)) (addr string) {
	t.Helper()
	f := newFixture(t, func(c *api.Config, d *api.Deps) {
		c.Addr = "127.0.0.1:0"
		edit(c, d)
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return f.server.Addr().String()
}

// The connection of a client that does not finish its request is closed.
func TestUnfinishedRequestsTimeOut(t *testing.T) {
	addr := listening(t, func(c *api.Config, _ *api.Deps) {
		c.HeaderTimeout, c.ReadTimeout, c.WriteTimeout, c.IdleTimeout = 100*time.Millisecond, 150*time.Millisecond, 300*time.Millisecond, 100*time.Millisecond
	})
	const patch = "PATCH /api/v1/alerts/b1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for name, sends := range map[string]string{
		"nothing":                      "",
		"unterminated headers":         "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n",
		"unterminated body":            patch + "Content-Length: 100\r\n\r\n{\"state\"",
		"unterminated chunks":          patch + "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
		"a body of a rejected request": "POST /api/v1/alerts HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1000\r\n\r\n",
		"a body for the page":          "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n",
		"a body for the WebSocket":     "GET /ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n",
		"idle after a response":        "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = io.WriteString(c, sends)
			_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection was not closed")
			}
		})
	}
}

func TestInvalidConfiguration(t *testing.T) {
	for text, edit := range map[string]func(*api.Config){
		"API_ALLOWED_HOSTS": func(c *api.Config) { c.Access.AllowedHosts = []string{"*"} },
		"PUBLIC_WS_URL":     func(c *api.Config) { c.PublicWSURL = "wss://a;script-src *" },
		"TRUSTED_PROXIES":   func(c *api.Config) { c.Access.TrustedProxies = []string{"all"} },
		"search limit":      func(c *api.Config) { c.MaxSearches = 0 },
	} {
		cfg := api.DefaultConfig()
		edit(&cfg)
		if err := api.New(cfg, api.Deps{}).Listen(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("error %v, want one about %s", err, text)
		}
	}
}

// The base of the page is its path in the browser, whether or not the proxy strips the
// prefix.
func TestPageBaseBehindProxy(t *testing.T) {
	const proxy = "X-Forwarded-Prefix"
	for _, c := range []struct {
		access         httpserver.Access
		target, prefix string
		base           string // of the page
		path           string // base_path
	}{
		{httpserver.Access{}, "/", "", "./", ""},
		{httpserver.Access{}, "/alerts", "", "./", ""},
		{httpserver.Access{}, "/alerts/b1", "", "../", ""},
		{httpserver.Access{}, "/alerts/", "", "../", ""},
		{httpserver.Access{}, "/alerts/c%2F2", "", "../", ""},
		{httpserver.Access{}, "/a/b/c", "", "../../", ""},
		{httpserver.Access{}, "/alerts", "/netlyra", "./", ""}, // not from a trusted proxy
		{httpserver.Access{TrustedProxies: []string{"192.0.2.1"}}, "/alerts/b1", "/netlyra", "/netlyra/", "/netlyra/"},
		{httpserver.Access{TrustedProxies: []string{"192.0.2.1"}}, "/netlyra/alerts/b1", "/netlyra", "/netlyra/", "/netlyra/"},
		{httpserver.Access{BasePath: "/netlyra"}, "/netlyra/alerts/b1", "", "/netlyra/", "/netlyra/"},
		{httpserver.Access{BasePath: "/netlyra"}, "/alerts/b1", "", "../", ""},
		{httpserver.Access{PublicURL: "https://noc.example/a/b/"}, "/a/b/", "", "/a/b/", "/a/b/"},
	} {
		f := newFixture(t, func(cfg *api.Config, _ *api.Deps) { cfg.Access = c.access })
		r := f.raw("GET", c.target, "", proxy, c.prefix)
		if want := fmt.Sprintf(`<base href="%s" />`, c.base); r.StatusCode != 200 || !strings.Contains(string(r.body), want) {
			t.Errorf("%+v: %d %s, want %s", c, r.StatusCode, r.body, want)
		}
		config := strings.TrimSuffix(c.path, "/") + "/api/v1/config"
		got := f.raw("GET", config, "", proxy, c.prefix).json(t)
		if got["base_path"] != c.path || got["ws_path"] != "ws" || got["ws_url"] != nil {
			t.Errorf("%+v: %v", c, got)
		}
	}
	f := newFixture(t, func(cfg *api.Config, _ *api.Deps) { cfg.PublicWSURL = "wss://live.example:8443/x" })
	if got := f.raw("GET", "/api/v1/config", "").json(t); got["ws_url"] != "wss://live.example:8443/x" {
		t.Errorf("%v", got)
	}
	if csp := f.raw("GET", "/", "").Header.Get("Content-Security-Policy"); !strings.Contains(csp, " wss://live.example:8443;") {
		t.Errorf("the content security policy does not allow the connection: %s", csp)
	}
	one, other := f.raw("GET", "/alerts", "").Header.Get("ETag"), f.raw("GET", "/alerts/b1", "").Header.Get("ETag")
	if one == other {
		t.Error("pages with different bases have the same ETag")
	}
}
