package api

import (
	"errors"
	"fmt"
	"time"
)

// Config says where requests are served and what the page is told.
type Config struct {
	Addr         string   // HOST:PORT of the listener (API_HOST, API_PORT)
	AllowedHosts []string // names under which a reverse proxy or a tunnel reaches this machine
	WSPort       int      // where package live listens, for the page
	Version      string
	Threshold    float64 // ANOMALY_THRESHOLD, 0…1

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
		ReadTimeout:     15 * time.Second,
		WriteTimeout:    60 * time.Second,
		IdleTimeout:     2 * time.Minute,
		QueryTimeout:    15 * time.Second,
		ShutdownTimeout: 5 * time.Second,
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
	bad(c.Addr == "", "no address to listen on: set API_HOST and API_PORT")
	bad(c.WSPort < 0 || c.WSPort > 65535, "WebSocket port %d: want 0…65535", c.WSPort)
	bad(!(c.Threshold >= 0 && c.Threshold <= 1), "threshold %v: want 0…1", c.Threshold)
	bad(min(c.ReadTimeout, c.WriteTimeout, c.IdleTimeout, c.QueryTimeout, c.ShutdownTimeout) <= 0, "a time is not above zero")
	bad(c.MaxBody < 1024, "bodies of %d bytes at most: want 1024 or more", c.MaxBody)
	return errors.Join(errs...)
}
