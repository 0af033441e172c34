package live

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/httpserver"
)

// Config says where clients are served and how much of a slow one is borne.
type Config struct {
	Addr           string            // HOST:PORT of the listener (API_HOST, WS_PORT)
	Access         httpserver.Access // who may ask, and how this port is reached
	AllowedOrigins []string          // hosts of pages that may connect, besides this server's own
	MaxClients     int               // on this port and through ServeHTTP
	StatsEvery     time.Duration     // how often Deps.Stats is sent, at most 100 ms

	// Messages that wait for one client, by event.
	AlertQueue      int // more than that disconnects
	ConnectionQueue int
	StatsQueue      int
	ScoresQueue     int

	RequestTimeout time.Duration // of a request until it is upgraded or refused, and of the answer

	ReadLimit    int64         // bytes of one message from a client
	WriteTimeout time.Duration // of one message; a client that takes longer is gone
	PingEvery    time.Duration
	PongTimeout  time.Duration // without any sign of life for so long a client is gone
	LostEvery    time.Duration // how often a client is told at most what it lost
	CloseTimeout time.Duration // at stop: for queued alerts and the close frame
}

// DefaultConfig is what NetLyra uses where nothing else is said.
func DefaultConfig() Config {
	return Config{
		Addr:            "127.0.0.1:8091",
		MaxClients:      256,
		RequestTimeout:  5 * time.Second,
		StatsEvery:      50 * time.Millisecond,
		AlertQueue:      10_000,
		ConnectionQueue: 512,
		StatsQueue:      8,
		ScoresQueue:     64,
		ReadLimit:       16 << 10,
		WriteTimeout:    10 * time.Second,
		PingEvery:       20 * time.Second,
		PongTimeout:     50 * time.Second,
		LostEvery:       time.Second,
		CloseTimeout:    2 * time.Second,
	}
}

// Validate reports every value that cannot be used.
func (c Config) Validate() error {
	var errs []error
	bad := func(cond bool, format string, args ...any) {
		if cond {
			errs = append(errs, fmt.Errorf("live: "+format, args...))
		}
	}
	if err := c.Access.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("live: %w", err))
	}
	for _, o := range c.AllowedOrigins {
		bad(o == "" || strings.ContainsAny(o, "*/"), "allowed origin %q: want the host of a page, without wildcards (WS_ALLOWED_ORIGINS)", o)
	}
	bad(c.Addr == "", "no address to listen on: set API_HOST and WS_PORT")
	bad(c.MaxClients < 1, "%d clients at most: want 1 or more", c.MaxClients)
	bad(c.StatsEvery <= 0 || c.StatsEvery > 100*time.Millisecond, "stats every %v: want more than 0, at most 100ms", c.StatsEvery)
	bad(min(c.AlertQueue, c.ConnectionQueue, c.StatsQueue, c.ScoresQueue) < 1, "a queue holds no message: want 1 or more")
	bad(c.ReadLimit < 256, "read limit %d: want 256 bytes or more", c.ReadLimit)
	bad(min(c.RequestTimeout, c.WriteTimeout, c.PingEvery, c.PongTimeout, c.LostEvery, c.CloseTimeout) <= 0, "a time is not above zero")
	bad(c.PongTimeout <= c.PingEvery, "pong timeout %v: want more than a ping every %v", c.PongTimeout, c.PingEvery)
	return errors.Join(errs...)
}
