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
	waiting                              waiting
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
	waiting                   waiting
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
	gaps             rhythm     // between connections, seconds
	sizes            rhythm     // of what the source sends in each, bytes
	sent             float64    // by the source since lastOpen
	news             [4]float32 // how new it was when it began, bits
	alarmedAt        int64      // when it last alarmed; the engine's
	taughtAt         int64      // when it last taught what is usual at its service
	taught           uint16     // how often it did
	tail             [3]float32 // pair, service, novelty
}

// waiting is how many connections may yet be answered: those opened and neither
// answered nor refused, forgotten with a half-life of a quarter of a second.
type waiting float32

func (w *waiting) count(v *View, f fading) {
	x := f[short4] * f[short4]
	x *= x
	x *= x
	*w *= waiting(x * x)
	switch {
	case v.Opened && !v.answeredBy:
		*w++
	case v.answeredBy || v.refused:
		*w = max(*w-1, 0)
	}
}

// rhythm is the mean of the last twenty or so values and the mean deviation from it.
type rhythm struct {
	mean, spread float32
	n            uint32
}

func (r *rhythm) add(x float32) {
	r.n++
	w := 1 / float32(min(r.n, 20))
	if r.n > 1 {
		r.spread += (abs(x-r.mean) - r.spread) * w
	}
	r.mean += (x - r.mean) * w
}

// evenness is how often the mean can be halved before it is as small as the spread, at
// most 8, drawn to 0 while there were few values.
func (r *rhythm) evenness() float64 {
	if r.n < 3 || r.mean <= 0 {
		return 0
	}
	n := float64(min(r.n, 40))
	return chordLog(max(float64(r.mean)/max(float64(r.spread), float64(r.mean)/256), 1)) * n / (n + 6)
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
