package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// Config of the embedded broker. DefaultConfig has the defaults.
type Config struct {
	DataDir           string        // directory of the log, made if absent
	Listen            string        // HOST:PORT, port 0 picks a free one
	Advertise         string        // HOST:PORT that clients are told, "" = where it listens
	Login             Login         // wanted of clients; must be set to listen beyond loopback
	MaxConnections    int           // open at a time, 0 = guard.DefaultConnections
	MaxRequestBytes   int           // of one request, 0 = the guard's default
	RetentionBytes    int64         // for each partition of topics without their own limit
	RetentionAge      time.Duration // for topics without their own limit
	SegmentBytes      int64         // size of a log file; the disk is freed file by file
	RetentionInterval time.Duration // how often limits are applied
	CompactInterval   time.Duration // how often compacted topics are compacted
	MinFreeBytes      uint64        // below this much free disk producers are refused; 0 turns the check off
	Frozen            bool          // retention is not applied: for looking at a log of the past without shortening it
	SyncWrites        bool          // fsync each batch: survives a power cut, costs about 14 %
	Log               *slog.Logger  // nil = none

	// Health hears err when the broker cannot take writes and nil when it can again.
	// It must not block. May be nil.
	Health func(component string, err error)

	free func(dir string) (uint64, error) // stands in for the file system in tests
}

// DefaultConfig listens on a free loopback port and keeps 256 MiB a partition, a day.
func DefaultConfig() Config {
	return Config{
		DataDir:           "data",
		Listen:            "127.0.0.1:0",
		RetentionBytes:    256 << 20,
		RetentionAge:      24 * time.Hour,
		SegmentBytes:      16 << 20,
		RetentionInterval: time.Second,
		CompactInterval:   time.Minute,
		MinFreeBytes:      128 << 20,
	}
}

// Validate reports everything that is wrong at once.
func (c *Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("embedded broker: "+format, args...))
	}
	if c.DataDir == "" {
		bad("no data directory: set DATA_DIR")
	}
	host, _, err := net.SplitHostPort(c.Listen)
	ip := net.ParseIP(host)
	switch {
	case err != nil:
		bad("listen address %q: want HOST:PORT", c.Listen)
	case !loopback(host) && c.Login.User == "":
		bad("listen address %q is not loopback, and clients need no log-in: whoever reaches the port could read and write everything. Set KAFKA_SASL_MECHANISM=scram-sha-256, KAFKA_SASL_USER and KAFKA_SASL_PASSWORD here and for each client, or listen on 127.0.0.1", c.Listen)
	case (host == "" || ip != nil && ip.IsUnspecified()) && c.Advertise == "":
		bad("listen address %q is every address of this host, and clients must be told one: set --advertise HOST:PORT", c.Listen)
	}
	if c.Advertise != "" {
		if host, port, err := net.SplitHostPort(c.Advertise); err != nil || host == "" || port == "" || port == "0" {
			bad("advertised address %q: want HOST:PORT", c.Advertise)
		}
	}
	if err := c.Login.validate(); err != nil {
		errs = append(errs, err)
	}
	if c.MaxConnections < 0 || c.MaxRequestBytes < 0 || c.MaxRequestBytes > 1<<30 {
		bad("limits of %d connections and %d bytes a request: want 0 or more, and at most 1 GiB", c.MaxConnections, c.MaxRequestBytes)
	}
	if c.RetentionBytes <= 0 || c.RetentionAge <= 0 {
		bad("retention %d bytes, %s: both must be above zero, or the disk fills", c.RetentionBytes, c.RetentionAge)
	}
	if c.SegmentBytes < 1<<16 || c.SegmentBytes > 1<<30 {
		bad("segment size %d: want 64 KiB to 1 GiB", c.SegmentBytes)
	}
	if c.RetentionInterval <= 0 || c.CompactInterval <= 0 {
		bad("intervals of retention (%s) and compaction (%s) must be above zero", c.RetentionInterval, c.CompactInterval)
	}
	return errors.Join(errs...)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
