package demo

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Attack is one attack of a schedule.
type Attack struct {
	Kind string        // a name of Kinds
	At   time.Duration // after the start
	For  time.Duration // 0 is the default of the kind
	Rate float64       // units a second (packets, log-ins, queries: see Kind); 0 is the default
}

// Config configures a Generator.
type Config struct {
	Seed         uint64
	Start        models.Timestamp // of the first frame, about
	Duration     time.Duration    // 0 is endless
	Rate         float64          // benign packets a second, on average
	Workstations int              // 1…100

	// After Quiet of benign traffic the first attack of Rotation begins, and another after
	// each Every. An empty Rotation means no attacks.
	Quiet    time.Duration
	Every    time.Duration
	Rotation []string

	// Attacks are scheduled in addition to the rotation.
	Attacks []Attack
}

// DefaultConfig starts with eight seconds of benign traffic, then begins an attack about
// every nine seconds. Start is fixed; live demos set it to the current time.
func DefaultConfig() Config {
	return Config{
		Seed:         1,
		Start:        models.TimestampOf(time.Date(2026, 1, 29, 12, 0, 0, 0, time.UTC)),
		Rate:         800,
		Workstations: 12,
		Quiet:        8 * time.Second,
		Every:        9 * time.Second,
		Rotation:     []string{SYNScan, SSHBruteForce, SYNFlood, Exfiltration, HostSweep, UDPFlood},
	}
}

// Validate returns all errors of c, joined.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("demo: "+format, args...)) }
	if !(c.Rate > 0 && c.Rate <= 1e6) {
		bad("rate %v: want more than 0 and at most 1000000 packets a second", c.Rate)
	}
	if c.Workstations < 1 || c.Workstations > 100 {
		bad("%d workstations: want 1 to 100", c.Workstations)
	}
	if c.Duration < 0 || c.Quiet < 0 {
		bad("a negative duration")
	}
	if c.Start < 0 {
		bad("start %s: want 1970 or later", c.Start)
	}
	if len(c.Rotation) > 0 && c.Every < time.Second {
		bad("an attack every %v: want at least 1s", c.Every)
	}
	for _, name := range c.Rotation {
		if _, ok := Lookup(name); !ok {
			bad("unknown attack %q; known are %s", name, strings.Join(Names(), ", "))
		}
	}
	for _, a := range c.Attacks {
		if _, ok := Lookup(a.Kind); !ok {
			bad("unknown attack %q; known are %s", a.Kind, strings.Join(Names(), ", "))
		}
		if a.At < 0 || a.For < 0 || !(a.Rate >= 0 && a.Rate <= 1e6) {
			bad("attack %s: a negative time, or a rate outside of 0 to 1000000", a.Kind)
		}
	}
	return errors.Join(errs...)
}
