package api

import (
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"time"

	"github.com/netlyra/netlyra/internal/httpserver"
)

// Config configures a Server.
type Config struct {
	Addr        string            // HOST:PORT of the listener (API_HOST, API_PORT)
	Access      httpserver.Access // allowed hosts, proxies and public URL
	WSPort      int               // port of package live, for the dashboard
	PublicWSURL string            // URL of the WebSocket for the dashboard; "": /ws relative to it (PUBLIC_WS_URL)
	Version     string
	Threshold   float64 // ANOMALY_THRESHOLD, 0…1

	MaxConnections int // open connections; 0: unlimited (API_MAX_CONNECTIONS)
	// MaxSearches is how many queries that may read many rows run at once (API_MAX_SEARCHES).
	// It must be less than the reading connections of the database, so that other queries
	// do not wait for searches.
	MaxSearches int
	SearchQueue int           // searches that may wait; further ones get 503
	SearchWait  time.Duration // longest wait of a search

	HeaderTimeout   time.Duration // for the headers of a request
	ReadTimeout     time.Duration // for a whole request
	WriteTimeout    time.Duration // for a whole response
	IdleTimeout     time.Duration
	QueryTimeout    time.Duration // for a database query
	ShutdownTimeout time.Duration
	MaxBody         int64 // of a request, in bytes
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Addr:            "127.0.0.1:8090",
		WSPort:          8091,
		Threshold:       .8,
		MaxConnections:  1024,
		MaxSearches:     max(runtime.GOMAXPROCS(0)/2, 1),
		SearchQueue:     16,
		SearchWait:      5 * time.Second,
		HeaderTimeout:   5 * time.Second,
		ReadTimeout:     15 * time.Second,
		WriteTimeout:    60 * time.Second,
		IdleTimeout:     time.Minute,
		QueryTimeout:    15 * time.Second,
		ShutdownTimeout: 2 * time.Second,
		MaxBody:         64 << 10,
	}
}

// Validate returns an error that names every invalid value.
func (c Config) Validate() error {
	var errs []error
	bad := func(cond bool, format string, args ...any) {
		if cond {
			errs = append(errs, fmt.Errorf("api: "+format, args...))
		}
	}
	if err := c.Access.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("api: %w", err))
	}
	if _, err := socketOrigin(c.PublicWSURL); err != nil {
		errs = append(errs, fmt.Errorf("api: %w", err))
	}
	bad(c.MaxConnections < 0, "connection limit is %d, want 1 or more, or 0 for no limit", c.MaxConnections)
	bad(c.MaxSearches < 1 || c.SearchQueue < 0, "search limit is %d and queue %d, want at least 1 and 0", c.MaxSearches, c.SearchQueue)
	bad(c.Addr == "", "no address to listen on: set API_HOST and API_PORT")
	bad(c.WSPort < 0 || c.WSPort > 65535, "WebSocket port is %d, want 0…65535", c.WSPort)
	bad(!(c.Threshold >= 0 && c.Threshold <= 1), "threshold is %v, want 0…1", c.Threshold)
	bad(min(c.HeaderTimeout, c.ReadTimeout, c.WriteTimeout, c.IdleTimeout, c.QueryTimeout, c.ShutdownTimeout, c.SearchWait) <= 0, "a timeout is zero or negative")
	bad(c.MaxBody < 1024, "body limit is %d bytes, want 1024 or more", c.MaxBody)
	return errors.Join(errs...)
}

// socketOrigin returns a WebSocket URL without its path, for the content security policy;
// "" for "".
func socketOrigin(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || !hostPattern.MatchString(u.Host) || u.User != nil || u.Fragment != "" {
		return "", fmt.Errorf("WebSocket URL is %q, want ws:// or wss://, a host name and optionally a port and a path (PUBLIC_WS_URL)", text)
	}
	return u.Scheme + "://" + u.Host, nil
}
