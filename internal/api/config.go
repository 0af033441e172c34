package api

import (
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"time"

	"github.com/netlyra/netlyra/internal/httpserver"
)

// Config says where requests are served and what the page is told.
type Config struct {
	Addr        string            // HOST:PORT of the listener (API_HOST, API_PORT)
	Access      httpserver.Access // who may ask, and how this port is reached
	WSPort      int               // where package live listens, for the page
	PublicWSURL string            // of the WebSocket for the page, "" where it is at /ws below the page (PUBLIC_WS_URL)
	Version     string
	Threshold   float64 // ANOMALY_THRESHOLD, 0…1

	MaxConnections int // open at once, 0 = no limit (API_MAX_CONNECTIONS)
	// MaxSearches is how many queries that may read many rows run at once (API_MAX_SEARCHES).
	// The database must have more readers than that, or other queries wait behind them.
	MaxSearches int
	SearchQueue int           // searches that may wait for their turn; more are answered by 503
	SearchWait  time.Duration // longest wait

	HeaderTimeout   time.Duration // of the headers of a request
	ReadTimeout     time.Duration // of a whole request
	WriteTimeout    time.Duration // of a whole answer
	IdleTimeout     time.Duration
	QueryTimeout    time.Duration // of the database
	ShutdownTimeout time.Duration
	MaxBody         int64 // bytes
}

// DefaultConfig is what NetLyra uses where nothing else is said.
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

// Validate reports every value that cannot be used.
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
	bad(c.MaxConnections < 0, "%d connections at most: want 1 or more, or 0 for no limit", c.MaxConnections)
	bad(c.MaxSearches < 1 || c.SearchQueue < 0, "%d searches at once, %d waiting: want at least 1 and 0", c.MaxSearches, c.SearchQueue)
	bad(c.Addr == "", "no address to listen on: set API_HOST and API_PORT")
	bad(c.WSPort < 0 || c.WSPort > 65535, "WebSocket port %d: want 0…65535", c.WSPort)
	bad(!(c.Threshold >= 0 && c.Threshold <= 1), "threshold %v: want 0…1", c.Threshold)
	bad(min(c.HeaderTimeout, c.ReadTimeout, c.WriteTimeout, c.IdleTimeout, c.QueryTimeout, c.ShutdownTimeout, c.SearchWait) <= 0, "a time is not above zero")
	bad(c.MaxBody < 1024, "bodies of %d bytes at most: want 1024 or more", c.MaxBody)
	return errors.Join(errs...)
}

// socketOrigin is a WebSocket URL without its path, for the content security policy; ""
// of "".
func socketOrigin(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || !hostPattern.MatchString(u.Host) || u.User != nil || u.Fragment != "" {
		return "", fmt.Errorf("WebSocket URL %q: want ws:// or wss://, a host name, and perhaps a port and a path (PUBLIC_WS_URL)", text)
	}
	return u.Scheme + "://" + u.Host, nil
}
