package decode

import (
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/names"
)

// Config configures a Decoder.
type Config struct {
	// VerifyChecksums drops packets with a wrong IPv4 header checksum and marks wrong
	// transport checksums for conntrack. If false, checksums are ignored, because checksum
	// offload leaves wrong ones in captures.
	VerifyChecksums bool

	// EntropyBytes is the number of payload bytes used for the entropy, 0 for all.
	EntropyBytes int

	// Names is what packets record of the names in DNS and HTTP messages. In the mode
	// names.Full a name costs an allocation.
	Names names.Mode

	// MaxTunnels is the maximum number of nested encapsulations, at most models.MaxTunnels.
	MaxTunnels int

	// MaxDatagrams is the maximum number of incomplete IP datagrams; beyond it the oldest is
	// evicted.
	MaxDatagrams int

	// MaxFragmentBytes is the maximum memory for incomplete datagrams, in bytes.
	MaxFragmentBytes int

	// FragmentTimeout is the maximum age of an incomplete datagram, in event time.
	FragmentTimeout time.Duration
}

// DefaultConfig uses the whole payload for the entropy (a limit saves little, see
// BenchmarkEntropy) and the fragment time-out of RFC 8200 section 4.5.
func DefaultConfig() Config {
	return Config{
		MaxTunnels:       models.MaxTunnels,
		MaxDatagrams:     1024,
		MaxFragmentBytes: 16 << 20,
		FragmentTimeout:  60 * time.Second,
	}
}

// Validate returns an error for the first setting that is out of range.
func (c Config) Validate() error {
	switch {
	case c.EntropyBytes < 0:
		return fmt.Errorf("entropy bytes %d: want 0 (all) or more", c.EntropyBytes)
	case c.MaxTunnels < 0 || c.MaxTunnels > models.MaxTunnels:
		return fmt.Errorf("max tunnels %d: want 0 to %d", c.MaxTunnels, models.MaxTunnels)
	case c.MaxDatagrams < 0 || c.MaxDatagrams > 1<<20:
		return fmt.Errorf("max datagrams %d: want 0 to %d", c.MaxDatagrams, 1<<20)
	case c.MaxFragmentBytes < 0:
		return fmt.Errorf("max fragment bytes %d: want 0 or more", c.MaxFragmentBytes)
	case c.FragmentTimeout < 0:
		return fmt.Errorf("fragment time-out %v: want 0 or more", c.FragmentTimeout)
	}
	return nil
}
