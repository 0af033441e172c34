package hours

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Config describes an experiment.
type Config struct {
	Benign  []string `json:"benign"`  // captures and folders of ordinary traffic
	Attacks []string `json:"attacks"` // captures and folders, one attack per capture; none: only the hours alone
	Index   []string `json:"index"`   // files that name kind and attackers of captures, see readIndex
	Seeds   []uint64 `json:"seeds"`   // one hour each

	Take  int     `json:"take"`  // captures drawn for an hour
	Hosts int     `json:"hosts"` // hosts for which each capture is placed
	Uses  int     `json:"uses"`  // times an hour that each host repeats its capture, fewer if it is long
	At    float64 `json:"at"`    // start of the attacks as a share of the hour, 0…1
	// After is how long the hour continues after an attack's last packet. Records of alerts
	// that grow later do not count.
	After time.Duration `json:"after_ns"`

	Only      string   `json:"only"`       // only attacks whose path contains this
	Owners    []string `json:"owners"`     // only captures of these owners: the file name up to "__"; none: all
	NotOwners []string `json:"not_owners"` // no captures of these owners
	Verbose   bool     `json:"-"`          // the text of the result lists each attack and each false alert
}

// DefaultConfig returns the proportions of a small office, without captures.
func DefaultConfig() Config {
	return Config{Seeds: []uint64{1, 2, 3}, Take: 30, Hosts: 2, Uses: 3, At: 0.6, After: time.Minute}
}

// Validate returns an error for the first setting that is missing or out of range.
func (c *Config) Validate() error {
	switch {
	case len(c.Benign) == 0:
		return errors.New("no benign captures: name captures or folders of ordinary traffic")
	case len(c.Seeds) == 0:
		return errors.New("no seeds: each seed makes one hour")
	case c.Take < 1 || c.Hosts < 1 || c.Hosts > 256 || c.Uses < 1:
		return fmt.Errorf("take %d, hosts %d, uses %d: want 1 or more, and at most 256 hosts", c.Take, c.Hosts, c.Uses)
	case !(c.At > 0 && c.At < 1):
		return fmt.Errorf("start of attacks %v: want more than 0 and less than 1, a share of the hour", c.At)
	case c.After < 0:
		return fmt.Errorf("after %v: want 0 or more", c.After)
	}
	return nil
}

// Limits and times of the experiment.
const (
	span          = time.Hour
	early         = 10 * time.Minute // the first part of an hour, counted separately
	slack         = 30 * time.Second // an alert may start this long after the attack's last packet
	pause         = 60 * time.Second // at least between two uses of a capture by a host, on average
	benignFrames  = 3000             // read from a benign capture
	attackFrames  = 60000            // read from the capture of an attack
	hourBegins    = 1_700_000_000e9  // event time at which each hour begins
	unknownKind   = "unknown"        // of captures that no index names
	ownerSeparate = "__"
)

// wants reports whether the owner of a capture is among the wanted ones.
func (c *Config) wants(name string) bool {
	owner, _, _ := strings.Cut(name, ownerSeparate)
	return (len(c.Owners) == 0 || slices.Contains(c.Owners, owner)) && !slices.Contains(c.NotOwners, owner)
}
