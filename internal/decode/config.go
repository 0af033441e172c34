package decode

import (
	"fmt"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Config of a Decoder.
type Config struct {
	// VerifyChecksums makes a wrong IPv4 header checksum a reason to skip the packet,
	// and has transport checksums computed, for conntrack to judge. Off, the transport
	// checksum is not looked at: offloading cards leave wrong ones in captures.
	VerifyChecksums bool

	// EntropyBytes is how many bytes of a payload the entropy is taken of, 0 for all.
	EntropyBytes int

	// MaxTunnels is how many encapsulations are followed, at most models.MaxTunnels.
	MaxTunnels int

	// MaxDatagrams is how many incomplete IP datagrams may wait at once; the oldest goes
	// when one more comes.
	MaxDatagrams int

	// MaxFragmentBytes bounds the memory of incomplete datagrams.
	MaxFragmentBytes int

	// FragmentTimeout is how long a datagram may stay incomplete, in event time.
	FragmentTimeout time.Duration
}

// DefaultConfig has the whole payload for the entropy (a cap saves little: see
// BenchmarkEntropy) and the time-out of RFC 8200 section 4.5.
func DefaultConfig() Config {
	return Config{
		MaxTunnels:       models.MaxTunnels,
		MaxDatagrams:     1024,
		MaxFragmentBytes: 16 << 20,
		FragmentTimeout:  60 * time.Second,
	}
}

// Validate reports the first setting that is out of range.
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
