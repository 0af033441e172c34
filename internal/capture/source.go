package capture

import (
	"errors"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Source yields frames until its input ends.
type Source interface {
	// Next fills f with the next frame; f.Data is valid until the call after. It
	// returns io.EOF at the end, ErrIdle where a live source or a pipe saw nothing for
	// a moment (f.TS is then the clock of the source, and there is no frame), and any other error where
	// nothing more can come; such an error names the file and the offset, or the
	// interface.
	Next(f *models.Frame) error
	Close() error
	Stats() Stats
}

// Progresser is a source that knows how far it is. Total is 0 where that is not
// known (standard input). Both count bytes as they lie on the disk, compressed.
type Progresser interface {
	Progress() (done, total int64)
}

// ErrIdle says that a live source or a pipe saw nothing for about ten milliseconds. It is no
// failure: the caller may let event time go on to f.TS and call again.
var ErrIdle = errors.New("capture: nothing to read for now")

// IdleTime is how long a source waits for a frame before Next returns ErrIdle.
const IdleTime = 10 * time.Millisecond

// Bounds on what an input can make this package hold.
const (
	MaxFrame      = 262144   // bytes of a frame, the largest snap length of libpcap
	MaxBlock      = 16 << 20 // bytes of a pcapng block of a known type
	MaxInterfaces = 65536    // interfaces in one pcapng section
)

// Stats counts frames since the source was opened.
type Stats struct {
	Received uint64            // yielded by Next
	Dropped  uint64            // lost: by the kernel, or unreadable and passed over
	ByReason map[string]uint64 // all that was not yielded: the losses, and what was left out on purpose
}

// Seen is how many frames the source met: yielded, lost and left out.
func (s Stats) Seen() uint64 {
	n := s.Received
	for _, v := range s.ByReason {
		n += v
	}
	return n
}

// isLoss tells a loss from what was left out on purpose.
func isLoss(reason string) bool {
	return reason != vocabulary.DropFilter && reason != vocabulary.DropOwnTraffic
}
