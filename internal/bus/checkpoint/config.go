package checkpoint

import (
	"errors"
	"time"
)

// Config says how many checkpoints of the past are kept besides the newest
// ones. DefaultConfig has the defaults.
type Config struct {
	Keyframes int           // checkpoints kept for going back, the oldest gives way; 0…24
	Every     time.Duration // least distance between two of them, by event time or by the clock
	Packets   uint64        // or by packets, for traffic so dense that retention is shorter than Keyframes × Every; 0 = not
}

// maxKeyframes is what the letters of the keys leave room for.
const maxKeyframes = 24

// DefaultConfig reaches back an hour, as long as the packets topic does, or
// over 12 million packets, which is what fits into its default size.
func DefaultConfig() Config {
	return Config{Keyframes: 12, Every: 5 * time.Minute, Packets: 1 << 20}
}

// Validate says what is out of range.
func (c Config) Validate() error {
	if c.Keyframes < 0 || c.Keyframes > maxKeyframes {
		return errors.New("bus: keyframes: want 0 to 24 (CHECKPOINT_KEYFRAMES)")
	}
	if c.Every <= 0 {
		return errors.New("bus: distance of keyframes: want more than 0 (CHECKPOINT_KEYFRAME_EVERY)")
	}
	return nil
}

// slots is how many checkpoints there may be: the newest, the one that is being
// written, and the keyframes.
func (c Config) slots() int { return min(max(c.Keyframes, 0), maxKeyframes) + 2 }
