package features

// Entries have no pointers. Tail is the engine's: the tail of the score that the
// entry's groups last got, so that packets between two evaluations know it.

// conn is one connection.
type conn struct {
	clock
	packets  [2]uint32  // by side: 0 the end whose endpoint sorts first
	bytes    [2]float64 // payload
	sizes    [2]float64 // sums of payload and its square
	entropy  float32    // mean of packets with payload
	entropyN uint32
	orig     uint8 // side of the originator
	answered bool
	closed   bool   // a FIN or RST was seen
	reset    bool   // a RST was seen
	due      uint32 // packets at which it is evaluated next
	tail     float32
}

// source is a host as originator.
type source struct {
	clock
	cadence
	packets, bytes, payload, empty, down amount
	opened, answered                     amount
	ports, peers, slowPorts, slowPeers   distinct
	learn                                [Scales]Budget
	odd                                  [Scales]int64 // when it last taught something odd
	tail                                 [3]float32    // fan-out, slow, volume
}

// target is a host as responder.
type target struct {
	clock
	cadence
	packets, opened, answered amount
	sources, ports            distinct
	top                       uint64  // key of the source that opened most of late, by majority vote
	votes                     float32 // how many more it opened than all others; see vote
	learn                     [Scales]Budget
	odd                       [Scales]int64
	tail                      float32
}

// pair is a source, a destination and the service between them.
type pair struct {
	clock
	cadence
	opened, up, down amount
	filled, entropy  amount // the source's packets with payload, and the sum of their entropies
	lastOpen         int64
	gap, gapSpread   float32 // mean gap between connections and mean deviation from it, seconds
	gaps             uint32
	taughtAt         int64      // when it last taught what is usual at its service
	taught           uint16     // how often it did
	tail             [2]float32 // pair, service
}

// cadence decides when the groups of an entry are evaluated: when it opened
// connections or sent enough packets, and at most every few milliseconds otherwise.
type cadence struct {
	at      int64
	packets uint16
	opened  uint8
}

const (
	everyPackets = 32
	everyOpened  = 4
	soonest      = 50e6 // ns
	latest       = 1e9
)

// due counts a packet and tells whether it is time to evaluate.
func (c *cadence) due(ts int64, opened bool) bool {
	c.packets++
	if opened {
		c.opened++
	}
	dt := ts - c.at
	if c.opened >= everyOpened || c.packets >= everyPackets || c.opened > 0 && dt >= soonest || dt >= latest || dt < 0 {
		*c = cadence{at: ts}
		return true
	}
	return false
}
