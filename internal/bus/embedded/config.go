package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// Config configures a Broker. DefaultConfig returns the defaults.
type Config struct {
	DataDir           string        // directory of the log, created if it does not exist
	Listen            string        // HOST:PORT; port 0: any free port
	Advertise         string        // HOST:PORT that clients connect to, "": Listen
	Login             Login         // credentials of clients; required to listen on other addresses than loopback
	MaxConnections    int           // maximum number of open connections, 0: guard.DefaultConnections
	MaxRequestBytes   int           // maximum size of a request, 0: the guard's default
	RetentionBytes    int64         // of each partition of topics without their own limit
	RetentionAge      time.Duration // of topics without their own limit
	SegmentBytes      int64         // size of a log file; retention deletes whole files
	RetentionInterval time.Duration // interval of retention
	CompactInterval   time.Duration // interval of compaction
	MinFreeBytes      uint64        // with less free disk space writes are refused; 0: no check
	Frozen            bool          // do not apply retention and compaction, to read an old log without changes
	SyncWrites        bool          // fsync each batch, to survive power failures; costs about 14 % of throughput
	Log               *slog.Logger  // nil: no log

	// Health is called with an error when the broker starts to refuse writes, and with nil when
	// it accepts them again. It must not block. May be nil.
	Health func(component string, err error)

	free func(dir string) (uint64, error) // free disk space; replaced in tests
}

// DefaultConfig returns a configuration that listens on a free loopback port, with a retention
// of 256 MiB for each partition and a day.
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

// Validate returns all errors at once.
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
		bad("listen address %q must be HOST:PORT", c.Listen)
	case !netlimit.IsLoopback(host) && c.Login.User == "":
		bad("listen address %q is not loopback, and no authentication is configured, so any host that reaches the port could read and write all topics. Set KAFKA_SASL_MECHANISM=scram-sha-256, KAFKA_SASL_USER and KAFKA_SASL_PASSWORD here and for each client, or listen on 127.0.0.1", c.Listen)
	case (host == "" || ip != nil && ip.IsUnspecified()) && c.Advertise == "":
		bad("listen address %q is unspecified, so clients need an address to connect to: set --advertise HOST:PORT", c.Listen)
	}
	if c.Advertise != "" {
		if host, port, err := net.SplitHostPort(c.Advertise); err != nil || host == "" || port == "" || port == "0" {
			bad("advertised address %q must be HOST:PORT", c.Advertise)
		}
	}
	if err := c.Login.validate(); err != nil {
		errs = append(errs, err)
	}
	if c.MaxConnections < 0 || c.MaxRequestBytes < 0 || c.MaxRequestBytes > 1<<30 {
		bad("limits are %d connections and %d bytes for a request; they must be 0 or more, and at most 1 GiB", c.MaxConnections, c.MaxRequestBytes)
	}
	if c.RetentionBytes <= 0 || c.RetentionAge <= 0 {
		bad("retention is %d bytes and %s; both must be above zero", c.RetentionBytes, c.RetentionAge)
	}
	if c.SegmentBytes < 1<<16 || c.SegmentBytes > 1<<30 {
		bad("segment size is %d bytes, must be 64 KiB…1 GiB", c.SegmentBytes)
	}
	if c.RetentionInterval <= 0 || c.CompactInterval <= 0 {
		bad("intervals of retention (%s) and compaction (%s) must be above zero", c.RetentionInterval, c.CompactInterval)
	}
	return errors.Join(errs...)
}
