package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/store/dbfile"
	"github.com/netlyra/netlyra/internal/store/retention"
)

// Config describes the database file and how long rows are kept.
type Config struct {
	Path        string        // the file (DB_PATH); its directory is created
	Readers     int           // reading connections, 1…64
	BusyTimeout time.Duration // how long a statement waits for another program's lock
	OpenTimeout time.Duration // how long Open retries while the file is locked
	Synchronous string        // "normal": survives a crash of the process; "full": also of the host
	CheckFor    time.Duration // longest check for damage by Open; 0 disables it

	// Retention. A row's age is the time since it was last written, not its event time.
	MaxAge           time.Duration // of alerts; 0: unlimited
	ConnectionMaxAge time.Duration // of connections; 0: unlimited
	MaxBytes         int64         // of the file without free pages; 0: unlimited. Connections are deleted before alerts
	Every            time.Duration // interval of retention

	// StaleAfter is the time without records after which an open connection is expired,
	// because its producer has stopped; 0: never.
	StaleAfter time.Duration
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		Path:        "data/netlyra.db",
		Readers:     4,
		BusyTimeout: 5 * time.Second,
		OpenTimeout: 10 * time.Second,
		Synchronous: "normal",
		CheckFor:    3 * time.Second,
		MaxAge:      90 * 24 * time.Hour,
		MaxBytes:    4 << 30,
		Every:       time.Minute,
		StaleAfter:  20 * time.Minute,

		ConnectionMaxAge: 7 * 24 * time.Hour,
	}
}

// Validate returns an error that names every invalid value.
func (c Config) Validate() error {
	var errs []error
	bad := func(cond bool, format string, args ...any) {
		if cond {
			errs = append(errs, fmt.Errorf("store: "+format, args...))
		}
	}
	bad(c.Path == "", "no database file: set DB_PATH")
	bad(c.Readers < 1 || c.Readers > 64, "%d readers, want 1…64", c.Readers)
	bad(c.Synchronous != "normal" && c.Synchronous != "full", "synchronous is %q, want normal or full", c.Synchronous)
	bad(c.BusyTimeout < 0 || c.OpenTimeout < 0 || c.CheckFor < 0 || c.StaleAfter < 0, "negative duration")
	bad(c.MaxAge < 0, "maximum age of alerts is %v, want 0 (unlimited) or more", c.MaxAge)
	bad(c.ConnectionMaxAge < 0, "maximum age of connections is %v, want 0 (unlimited) or more", c.ConnectionMaxAge)
	bad(c.MaxBytes < 0 || c.MaxBytes > 0 && c.MaxBytes < 1<<20, "maximum size is %d B, want 0 (unlimited) or at least 1 MiB", c.MaxBytes)
	bad(c.Every <= 0, "retention interval is %v, want more than 0", c.Every)
	return errors.Join(errs...)
}

func (c Config) file() dbfile.Config {
	return dbfile.Config{
		Path: c.Path, Readers: c.Readers, BusyTimeout: c.BusyTimeout, OpenTimeout: c.OpenTimeout,
		Synchronous: c.Synchronous, CheckFor: c.CheckFor,
	}
}

func (c Config) retention() retention.Config {
	return retention.Config{
		MaxAge: c.MaxAge, ConnectionMaxAge: c.ConnectionMaxAge, MaxBytes: c.MaxBytes, Every: c.Every, StaleAfter: c.StaleAfter,
	}
}
