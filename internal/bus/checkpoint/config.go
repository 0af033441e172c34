package checkpoint

import (
	"errors"
	"time"
)

// Config says how many checkpoints of the past are kept besides the newest ones.
// DefaultConfig returns the defaults.
type Config struct {
	Keyframes int           // checkpoints of the past, of which the oldest is replaced; 0…24
	Every     time.Duration // minimum distance between two keyframes, by event time or wall clock
	Packets   uint64        // or minimum distance in packets, for traffic so dense that retention is shorter than Keyframes × Every; 0: unused
}

// maxKeyframes is limited by the letters in the keys of chunks.
const maxKeyframes = 24

// DefaultConfig keeps an hour, as the packets topic does, or 12 million packets, which fit
// into its default size.
func DefaultConfig() Config {
	return Config{Keyframes: 12, Every: 5 * time.Minute, Packets: 1 << 20}
}

// Validate returns an error for a value out of range.
func (c Config) Validate() error {
	if c.Keyframes < 0 || c.Keyframes > maxKeyframes {
		return errors.New("bus: CHECKPOINT_KEYFRAMES must be between 0 and 24")
	}
	if c.Every <= 0 {
		return errors.New("bus: CHECKPOINT_KEYFRAME_EVERY must be above 0")
	}
	return nil
}

// slots returns the maximum number of checkpoints: the newest, the one being written, and the
// keyframes.
func (c Config) slots() int { return min(max(c.Keyframes, 0), maxKeyframes) + 2 }
