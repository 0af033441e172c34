package api_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/models"
)

// slow is a store whose queries block until they are released. It counts the concurrent
// queries.
type slow struct {
	mu      sync.Mutex
	running int
	most    int
	started chan struct{}
	release chan struct{}
}

func (s *slow) run(ctx context.Context) error {
	s.mu.Lock()
	s.running++
	s.most = max(s.most, s.running)
	s.mu.Unlock()
	defer func() { s.mu.Lock(); s.running--; s.mu.Unlock() }()
	s.started <- struct{}{}
	select {
	case <-s.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type slowAlerts struct {
	api.AlertStore
	*slow
}

func (s slowAlerts) Alerts(ctx context.Context, _ models.AlertQuery) (p models.Page[models.AlertView], err error) {
	return p, s.run(ctx)
}

type slowConnections struct {
	api.ConnectionStore
	*slow
}

func (s slowConnections) Connections(ctx context.Context, _ models.ConnectionQuery) (p models.Page[models.Connection], err error) {
	return p, s.run(ctx)
}

func slowFixture(t *testing.T, edit func(*api.Config)) (*fixture, *slow) {
	t.Helper()
	s := &slow{started: make(chan struct{}, 1000), release: make(chan struct{})}
	return newFixture(t, func(c *api.Config, d *api.Deps) {
		d.Alerts, d.Connections = slowAlerts{d.Alerts, s}, slowConnections{d.Connections, s}
		edit(c)
	}), s
}

// Both lists share the limit of concurrent searches. Queries that an index responses are not
// limited. Searches above the limit and the queue are answered with 503 and Retry-After.
func TestSearchesShareOneLimit(t *testing.T) {
	f, s := slowFixture(t, func(c *api.Config) { c.MaxSearches, c.SearchQueue, c.SearchWait = 2, 3, time.Minute })
	searches := []string{
		"/api/v1/alerts?q=scan", "/api/v1/alerts?severity=high", "/api/v1/alerts?state=ack", "/api/v1/alerts?kind=flood", "/api/v1/alerts?min_score=0.9",
		"/api/v1/alerts?ip=10.0.0.1", "/api/v1/alerts?port=22", "/api/v1/alerts?proto=tcp", "/api/v1/alerts?page=100", "/api/v1/alerts?page=3&limit=500", "/api/v1/alerts?sort=score",
		"/api/v1/alerts?sort=-severity,ts", "/api/v1/alerts?sort=last_ts&since=2026-01-01T00:00:00Z",
		"/api/v1/connections?q=x", "/api/v1/connections?phase=closed", "/api/v1/connections?phase=any", "/api/v1/connections?state=SF", "/api/v1/connections?service=ssh",
		"/api/v1/connections?sort=bytes", "/api/v1/connections?ip=10.0.0.0/8", "/api/v1/connections?page=500", "/api/v1/connections?since=2026-01-01T00:00:00Z",
	}
	responses := make(chan reply)
	for _, target := range searches {
		go func() { responses <- f.raw("GET", target, "") }()
	}
	for range 2 {
		<-s.started
	}
	for range len(searches) - 5 { // two run, three wait
		r := <-responses
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	}
	s.mu.Lock()
	most := s.most
	s.mu.Unlock()
	if most != 2 {
		t.Errorf("%d searches ran concurrently", most)
	}
	if m := string(f.raw("GET", "/metrics", "").body); !strings.Contains(m, "netlyra_http_searches_running 2\n") || !strings.Contains(m, "netlyra_http_searches_waiting 3\n") {
		t.Errorf("metrics: %s", m)
	}
	indexed := []string{
		"/api/v1/alerts", "/api/v1/alerts?limit=500", "/api/v1/alerts?sort=-ts&limit=200", "/api/v1/alerts?sort=-last_ts&limit=1", "/api/v1/alerts?page=2",
		"/api/v1/alerts?since=2026-01-01T00:00:00Z", "/api/v1/connections", "/api/v1/connections?sort=-last_ts&limit=100", "/api/v1/connections?phase=any&sort=-ts",
	}
	for _, target := range indexed {
		go func() { responses <- f.raw("GET", target, "") }()
	}
	for range indexed {
		<-s.started // all of them, while two searches are running
	}
	close(s.release)
	for range len(indexed) + 5 {
		if r := <-responses; r.StatusCode != 200 {
			t.Errorf("%d %s", r.StatusCode, r.body)
		}
	}
	if m := string(f.raw("GET", "/metrics", "").body); !strings.Contains(m, "netlyra_http_searches_running 0\n") || !strings.Contains(m, "netlyra_http_searches_waiting 0\n") {
		t.Errorf("metrics after all searches: %s", m)
	}
}

// A search waits at most SearchWait. A search whose client has disconnected releases its
// slot.
func TestSearchesTimeOutAndCancel(t *testing.T) {
	f, s := slowFixture(t, func(c *api.Config) {
		c.MaxSearches, c.SearchQueue, c.SearchWait, c.QueryTimeout = 1, 1, 20*time.Millisecond, time.Minute
	})
	ctx, cancel := context.WithCancel(t.Context())
	returned := make(chan struct{})
	go func() {
		f.server.Handler().ServeHTTP(discard{}, request("GET", "/api/v1/alerts?q=x", "").WithContext(ctx))
		close(returned)
	}()
	<-s.started
	if r := f.raw("GET", "/api/v1/alerts?q=y", ""); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after SearchWait: status %d", r.StatusCode)
	}
	cancel()
	<-returned
	close(s.release)
	if r := f.raw("GET", "/api/v1/alerts?q=z", ""); r.StatusCode != 200 {
		t.Errorf("after the client disconnected: status %d", r.StatusCode)
	}
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
