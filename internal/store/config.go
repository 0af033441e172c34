package store

import (
	"errors"
	"fmt"
	"time"
)

// Config says where the rows are and for how long.
type Config struct {
	Path        string        // the file (DB_PATH); its directory is made
	Readers     int           // connections that read, 1…64
	BusyTimeout time.Duration // how long a statement waits for another program's lock
	OpenTimeout time.Duration // how long Open tries to get into a locked file
	Synchronous string        // "normal": safe against a crash of the process; "full": also of the machine
	CheckFor    time.Duration // how long Open may check the file for damage; 0: it only reads the head

	// Retention. A row's age is the time since it was last written, not its event
	// time: a capture of last year that is replayed today is kept from today.
	MaxAge           time.Duration // of alerts; 0: for ever
	ConnectionMaxAge time.Duration // of connections; 0: for ever
	MaxBytes         int64         // of the file without free pages; 0: no limit. Connections go before alerts
	Every            time.Duration // how often Run looks

	// A connection that no record has touched for so long has lost its producer: it
	// is marked expired, so that the list of active connections is true.
	StaleAfter time.Duration // 0: never
}

// DefaultConfig is what NetLyra uses where nothing else is said.
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

// Validate reports every value that cannot be used.
func (c Config) Validate() error {
	var errs []error
	bad := func(cond bool, format string, args ...any) {
		if cond {
			errs = append(errs, fmt.Errorf("store: "+format, args...))
		}
	}
	bad(c.Path == "", "no database file: set DB_PATH")
	bad(c.Readers < 1 || c.Readers > 64, "%d readers: want 1…64", c.Readers)
	bad(c.Synchronous != "normal" && c.Synchronous != "full", "synchronous %q: want normal or full", c.Synchronous)
	bad(c.BusyTimeout < 0 || c.OpenTimeout < 0 || c.CheckFor < 0 || c.StaleAfter < 0, "a time is below zero")
	bad(c.MaxAge < 0, "maximal age of alerts %v: want 0 (for ever) or more", c.MaxAge)
	bad(c.ConnectionMaxAge < 0, "maximal age of connections %v: want 0 (for ever) or more", c.ConnectionMaxAge)
	bad(c.MaxBytes < 0 || c.MaxBytes > 0 && c.MaxBytes < 1<<20, "maximal size %d B: want 0 (no limit) or at least 1 MiB", c.MaxBytes)
	bad(c.Every <= 0, "retention every %v: want more than 0", c.Every)
	return errors.Join(errs...)
}
