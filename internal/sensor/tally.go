package sensor

import (
	"sync/atomic"

	"github.com/netlyra/netlyra/internal/decode"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// tally counts the sensor's stages between two settlements: plain integers in the loop,
// atomics once every settleEvery frames. The producer counts what happens to packets after
// that.
type tally struct {
	captured, bytes uint64
	decoded         uint64      // frames with at least one packet
	more            uint64      // packets of a frame after its first
	skipped         [256]uint64 // by decode.Reason
	anySkipped      bool
	first           bool   // the next packet is the first of its frame
	kernelDrops     uint64 // already in the ledger

	capture, decode *obs.Stage
	conntrack       *obs.Stage
	skippedCounter  [256]*atomic.Uint64
}

// settleEvery is how many frames may be missing from the ledger while the source is busy.
const settleEvery = 256

func newTally(l *obs.Ledger) *tally {
	return &tally{
		capture: l.Stage("capture"), decode: l.Stage("decode"),
		conntrack: l.Stage("conntrack"),
	}
}

// frame counts a captured frame.
func (t *tally) frame(wireLen uint32) {
	t.captured++
	t.bytes += uint64(wireLen)
	t.first = true
}

// packet counts a packet of the last frame.
func (t *tally) packet() {
	if t.first {
		t.first = false
		t.decoded++
	} else {
		t.more++
	}
}

// skip counts a frame without a packet.
func (t *tally) skip(r decode.Reason) {
	t.skipped[r]++
	t.anySkipped = true
}

// settle moves the counts to the ledger.
func (t *tally) settle() {
	t.capture.In(t.captured, t.bytes)
	t.capture.Out(t.captured)
	t.decode.In(t.captured+t.more, 0)
	t.decode.Out(t.decoded + t.more)
	t.conntrack.In(t.decoded+t.more, 0)
	t.conntrack.Out(t.decoded + t.more)
	t.captured, t.bytes, t.decoded, t.more = 0, 0, 0, 0
	if !t.anySkipped {
		return
	}
	t.anySkipped = false
	for r, n := range t.skipped {
		if n == 0 {
			continue
		}
		if t.skippedCounter[r] == nil {
			t.skippedCounter[r] = t.decode.Reason(decode.Reason(r).Code())
		}
		t.skippedCounter[r].Add(n)
		t.skipped[r] = 0
	}
}

// kernel counts frames that the kernel dropped before the source saw them.
func (t *tally) kernel(dropped uint64) {
	if dropped > t.kernelDrops {
		t.capture.In(dropped-t.kernelDrops, 0)
		t.capture.Drop(vocabulary.DropKernel, dropped-t.kernelDrops)
		t.kernelDrops = dropped
	}
}
