package capture

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/netlyra/netlyra/internal/models"
)

// Options is how frames are taken from a file or an interface.
type Options struct {
	Filter       string       // tcpdump syntax; "" takes every frame. Needs libpcap
	SnapLen      int          // bytes kept of a frame, 64…MaxFrame; 0 is MaxFrame
	ExcludePorts []uint16     // ports of NetLyra's own, left out of live captures, never of files
	Promiscuous  bool         // live: also frames that are not addressed to this host
	RingBytes    int          // live: memory shared with the kernel, 1 MiB…1 GiB; 0 is 64 MiB
	Log          *slog.Logger // nil is slog.Default

	// Decodes says why frames of a link type will not be decoded, nil where they will. It
	// is asked once for each link type of a file, and what it says is logged. nil: nobody
	// is asked, and nothing is logged.
	Decodes func(models.LinkType) error
}

// Ring sizes in bytes.
const (
	defaultRing = 64 << 20
	minRing     = 1 << 20
	maxRing     = 1 << 30
)

// DefaultOptions takes everything: whole frames, promiscuous, a ring of 64 MiB.
func DefaultOptions() Options {
	return Options{SnapLen: MaxFrame, Promiscuous: true, RingBytes: defaultRing}
}

// Validate says all that is wrong with o. The filter is looked at when it is compiled.
func (o Options) Validate() error {
	var errs []error
	if o.SnapLen != 0 && (o.SnapLen < 64 || o.SnapLen > MaxFrame) {
		errs = append(errs, fmt.Errorf("snap length %d: want 64 to %d bytes, or 0 for whole frames", o.SnapLen, MaxFrame))
	}
	if o.RingBytes != 0 && (o.RingBytes < minRing || o.RingBytes > maxRing) {
		errs = append(errs, fmt.Errorf("ring of %d bytes: want %d (1 MiB) to %d (1 GiB), or 0 for 64 MiB", o.RingBytes, minRing, maxRing))
	}
	return errors.Join(errs...)
}

// WithDefaults returns o with its zero values replaced by the defaults.
func (o Options) WithDefaults() Options {
	if o.SnapLen == 0 {
		o.SnapLen = MaxFrame
	}
	if o.RingBytes == 0 {
		o.RingBytes = defaultRing
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}
