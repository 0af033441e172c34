package live

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/httpserver"
)

// Config configures a Hub.
type Config struct {
	Addr           string            // HOST:PORT of the listener (API_HOST, WS_PORT)
	Access         httpserver.Access // allowed hosts, proxies and public URL
	AllowedOrigins []string          // hosts of pages that may connect, besides this server's hosts
	MaxClients     int               // on this port and through ServeHTTP
	StatsEvery     time.Duration     // interval of stats messages, at most 100 ms

	// Queued messages of one client, by event.
	AlertQueue      int // when full, the client is disconnected
	ConnectionQueue int
	StatsQueue      int
	ScoresQueue     int

	RequestTimeout time.Duration // for a request until the upgrade or refusal, and for the response

	ReadLimit    int64         // for one message of a client, in bytes
	WriteTimeout time.Duration // for one message; then the client is disconnected
	PingEvery    time.Duration
	PongTimeout  time.Duration // longest time without a message or pong of the client
	LostEvery    time.Duration // shortest interval of lost messages
	CloseTimeout time.Duration // at stop, for queued alerts and the close frame
}

// DefaultConfig returns the defaults.
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

// Validate returns an error that names every invalid value.
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
		bad(o == "" || strings.ContainsAny(o, "*/"), "allowed origin is %q, want the host of a page, without wildcards (WS_ALLOWED_ORIGINS)", o)
	}
	bad(c.Addr == "", "no address to listen on: set API_HOST and WS_PORT")
	bad(c.MaxClients < 1, "client limit is %d, want 1 or more", c.MaxClients)
	bad(c.StatsEvery <= 0 || c.StatsEvery > 100*time.Millisecond, "stats interval is %v, want more than 0 and at most 100ms", c.StatsEvery)
	bad(min(c.AlertQueue, c.ConnectionQueue, c.StatsQueue, c.ScoresQueue) < 1, "a queue limit is less than 1")
	bad(c.ReadLimit < 256, "read limit is %d bytes, want 256 or more", c.ReadLimit)
	bad(min(c.RequestTimeout, c.WriteTimeout, c.PingEvery, c.PongTimeout, c.LostEvery, c.CloseTimeout) <= 0, "a timeout is zero or negative")
	bad(c.PongTimeout <= c.PingEvery, "pong timeout is %v, want more than the ping interval %v", c.PongTimeout, c.PingEvery)
	return errors.Join(errs...)
}
