package capture

import (
	"errors"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Source yields frames until its input ends.
type Source interface {
	// Next fills f with the next frame; f.Data is valid until the next call. It returns
	// io.EOF at the end, and ErrIdle if a live source or a pipe has no frame for IdleTime
	// (f.TS is then the clock of the source). Any other error is permanent and names the
	// file and the offset, or the interface.
	Next(f *models.Frame) error
	Close() error
	Stats() Stats
}

// Progresser is a source that knows its progress, in bytes of the possibly compressed
// files. total is 0 if unknown (standard input).
type Progresser interface {
	Progress() (done, total int64)
}

// ErrIdle is returned by a live source or a pipe that has no frame for IdleTime. It is not a
// failure: the caller may advance event time to f.TS and call Next again.
var ErrIdle = errors.New("capture: no frame available")

// IdleTime is how long a source waits for a frame before Next returns ErrIdle.
const IdleTime = 10 * time.Millisecond

// Limits on the memory that an input can make a source allocate.
const (
	MaxFrame      = 262144   // bytes of a frame, the largest snap length of libpcap
	MaxBlock      = 16 << 20 // bytes of a pcapng block of a known type
	MaxInterfaces = 65536    // interfaces in one pcapng section
)

// Stats counts frames since the source was opened.
type Stats struct {
	Received uint64            // yielded by Next
	Dropped  uint64            // lost: dropped by the kernel, or unreadable
	ByReason map[string]uint64 // frames that were not yielded, lost or skipped on purpose, by code of vocabulary.CaptureDrops
}

// isLoss reports whether frames with this drop reason are lost, not skipped on purpose.
func isLoss(reason string) bool {
	return reason != vocabulary.DropFilter && reason != vocabulary.DropOwnTraffic
}
