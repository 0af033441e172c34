package synth

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Bounds of a Config.
const (
	minSize  = 64
	maxSize  = 9000
	maxFlows = 1 << 24
)

// imix is the simple Internet mix, 7:4:1, in frame bytes: 361.8 on average.
var imix = [12]int{64, 594, 64, 64, 594, 64, 1518, 64, 594, 64, 594, 64}

// Config configures a Source.
type Config struct {
	Flows     int              // TCP connections, 1…16777216, visited in turn
	Size      string           // "imix", or the bytes of every frame, 64…9000
	Rate      float64          // frames a second of event time
	Start     models.Timestamp // of the first frame
	Count     uint64           // frames until io.EOF; 0 is endless
	Handshake bool             // each flow begins with its three-way handshake
}

// DefaultConfig has 20,000 flows of the Internet mix at 320,000 frames per second, about
// 1 Gbit/s.
func DefaultConfig() Config {
	return Config{
		Flows: 20_000, Size: "imix", Rate: 320_000, Handshake: true,
		Start: models.TimestampOf(time.Date(2026, 1, 29, 12, 0, 0, 0, time.UTC)),
	}
}

// Validate returns all errors of c, joined.
func (c Config) Validate() error {
	var errs []error
	if c.Flows < 1 || c.Flows > maxFlows {
		errs = append(errs, fmt.Errorf("synth: %d flows: want 1 to %d", c.Flows, maxFlows))
	}
	if !(c.Rate > 0 && c.Rate <= 1e9) {
		errs = append(errs, fmt.Errorf("synth: rate %v: want more than 0 and at most 1e9 frames a second", c.Rate))
	}
	if _, err := c.sizes(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// sizes returns the repeating sequence of frame sizes.
func (c Config) sizes() ([]int, error) {
	if c.Size == "imix" {
		return imix[:], nil
	}
	n, err := strconv.Atoi(c.Size)
	if err != nil || n < minSize || n > maxSize {
		return nil, fmt.Errorf("synth: size %q: want imix, or %d to %d bytes", c.Size, minSize, maxSize)
	}
	return []int{n}, nil
}
