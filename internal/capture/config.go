package capture

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/netlyra/netlyra/internal/models"
)

// Options configures a source of frames.
type Options struct {
	Filter       string       // tcpdump syntax; "" selects all frames. Requires libpcap
	SnapLen      int          // bytes kept of each frame, 64…MaxFrame; 0 is MaxFrame
	ExcludePorts []uint16     // ports of NetLyra itself; live capture leaves their traffic out, files keep it
	Promiscuous  bool         // live: capture also frames that are not addressed to this host
	RingBytes    int          // live: memory shared with the kernel, 1 MiB…1 GiB; 0 is 64 MiB
	Log          *slog.Logger // nil is slog.Default

	// Decodes returns why frames of a link type are not decoded, nil if they are. A source
	// calls it once for each link type of a file and logs the error. nil logs nothing.
	Decodes func(models.LinkType) error
}

// Ring sizes in bytes.
const (
	defaultRing = 64 << 20
	minRing     = 1 << 20
	maxRing     = 1 << 30
)

// DefaultOptions captures whole frames, in promiscuous mode, with a ring of 64 MiB.
func DefaultOptions() Options {
	return Options{SnapLen: MaxFrame, Promiscuous: true, RingBytes: defaultRing}
}

// Validate returns all errors of o, joined. The filter is checked when it is compiled.
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
