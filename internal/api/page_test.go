package api_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/netlyra/netlyra/internal/api"
)

func TestPage(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct{ target, kind, cache, has string }{
		{"/", "text/html; charset=utf-8", "no-cache", "<title>page"},
		{"/alerts", "text/html; charset=utf-8", "no-cache", "<title>page"},
		{"/alerts/a%2Fb?x=y", "text/html; charset=utf-8", "no-cache", "<title>page"},
		{"/hosts/10.0.0.7", "text/html; charset=utf-8", "no-cache", "<title>page"},
		{"/assets/app-1234.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "console"},
		{"/favicon.svg", "image/svg+xml", "no-cache", "<svg/>"},
	} {
		r := f.raw("GET", c.target, "", "Accept", "text/html,*/*")
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != c.kind || r.Header.Get("Cache-Control") != c.cache || !strings.Contains(string(r.body), c.has) {
			t.Errorf("%s: %d %v %.80s", c.target, r.StatusCode, r.Header, r.body)
		}
		if again := f.raw("GET", c.target, "", "If-None-Match", r.Header.Get("ETag"), "Accept", "text/html,*/*"); again.StatusCode != 304 {
			t.Errorf("%s again: %d", c.target, again.StatusCode)
		}
	}
	r := f.raw("GET", "/assets/app-1234.js", "", "Accept-Encoding", "gzip")
	if r.Header.Get("Content-Encoding") != "gzip" || len(r.body) > 1000 || !strings.Contains(r.Header.Get("Vary"), "Accept-Encoding") {
		t.Errorf("not compressed: %v, %d bytes", r.Header, len(r.body))
	}
}

func TestContentSecurityPolicyLetsTheSocketThrough(t *testing.T) {
	f := newFixture(t, func(c *api.Config, _ *api.Deps) { c.WSPort, c.Addr = 9191, "0.0.0.0:8090" })
	for host, want := range map[string]string{
		"127.0.0.1:8090": "ws://127.0.0.1:9191 wss://127.0.0.1:9191;", "Sensor.Example": "ws://sensor.example:9191 ", "[::1]:8090": "'self' ws: wss:;", "a;b": "'self' ws: wss:;",
	} {
		if csp := f.raw("GET", "/", "", "Host", host).Header.Get("Content-Security-Policy"); !strings.Contains(csp, want) {
			t.Errorf("host %s: %s", host, csp)
		}
	}
}

func TestWithoutABuildThePageSaysHowToBuildIt(t *testing.T) {
	f := newFixture(t, func(_ *api.Config, d *api.Deps) { d.UI = fstest.MapFS{".gitkeep": {}} })
	if r := f.raw("GET", "/alerts", ""); r.StatusCode != 200 || !strings.Contains(string(r.body), "go tool task build") {
		t.Errorf("%d %.80s", r.StatusCode, r.body)
	}
}

func TestRunServesUntilItsContextEnds(t *testing.T) {
	f := newFixture(t, func(c *api.Config, _ *api.Deps) { c.Addr = "127.0.0.1:0" })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.server.Run(ctx) }()
	addr := f.server.Addr().String()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + addr + "/api/v1/health")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || !strings.Contains(string(body), `"ok"`) {
		t.Errorf("%s %v", body, err)
	}
	cfg := api.DefaultConfig()
	cfg.Addr = addr
	if err := api.New(cfg, api.Deps{Gatherer: nil}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "API_PORT") {
		t.Errorf("port in use: %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		_ = c.Close()
		t.Error("still listens")
	}
	if err := api.New(api.Config{}, api.Deps{}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "API_HOST") {
		t.Errorf("empty configuration: %v", err)
	}
}
