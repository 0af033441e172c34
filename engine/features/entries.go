package features

import (
	"math"
	"math/bits"
)

// Entries contain no pointers. The field tail belongs to the engine: it keeps the tails of
// the entry's groups for packets between two evaluations.

// conn is the state of one connection.
type conn struct {
	clock
	packets   [2]uint32  // by side: 0 is the end whose endpoint sorts first
	bytes     [2]float64 // payload
	sizes     [2]float64 // sums of payload sizes and of their squares
	entropy   float32    // mean over packets with payload
	entropyN  uint32
	orig      uint8 // side of the originator
	answered  bool
	closed    bool   // a FIN or RST was seen
	reset     bool   // a RST was seen
	complete  bool   // TCP: the originator continued after the answer; others: answered
	unasked   bool   // its first packet was an answer, and the originator has sent nothing since
	waiting   bool   // counted in target.waiting
	ended     bool   // its end has been counted
	midstream bool   // began with data of the originator, and the responder has sent nothing since
	asked     bool   // the responder sent a little after a pause; see observeDriven
	driven    uint16 // exchanges that the responder began
	dataAt    int64  // time of its last payload; only where exchanges are counted
	beats     rhythm // intervals between small messages of the originator in seconds; see observeBeat
	beatSizes rhythm // their payload
	beatAt    int64
	due       uint32 // number of packets at which it is due next
	tail      float32
}

// source is the state of a host as originator.
type source struct {
	clock
	cadence
	packets, bytes, payload, empty, down amount
	opened, answered                     amount
	pending                              pending
	ports, peers, slowPorts, slowPeers   distinct
	offers                               [Scales]Budget
	anomalousAt                          [Scales]int64 // time of its last anomalous sample, by scale
	errors, unasked                      amount        // ICMP errors and answers that it received without having asked
	strange                              amount        // packets with sets of TCP flags that no program sends
	admin                                distinct      // hosts of its first administrative sessions
	odd                                  float32       // evidence of the forests; see View.AddOdd
	oddAt                                [Groups]int64 // time of the last evidence of each group
	missing                              distinct      // registered domains that do not exist
	peaks                                [6]Peak
	tail                                 [3]float32 // fan-out, slow, volume
}

// target is the state of a host as responder.
type target struct {
	clock
	cadence
	packets, opened, answered amount
	pending                   pending
	sources, ports            distinct
	leader                    uint64  // key of the source with most recent connections, by majority vote
	votes                     float32 // by how many it leads all others; see vote
	offers                    [Scales]Budget
	anomalousAt               [Scales]int64
	attempts, completed       amount  // connection attempts, and those that were completed
	datagrams, replies, pings amount  // datagrams in both directions, ICMP requests
	requests                  amount  // short web connections, and DNS queries for names that do not exist
	clients                   few     // hosts that have opened connections to it in the last half hour
	waiting                   float32 // connections with an incomplete request, decays in 16 minutes
	peaks                     [5]Peak
	tail                      float32
}

// pair is the state of a source and a destination at one service.
type pair struct {
	clock
	cadence
	opened, up, down amount
	filled, entropy  amount // packets with payload from the source, and the sum of their entropies
	lastOpen         int64
	gaps             rhythm  // intervals between connections in seconds
	sizes            rhythm  // payload from the source in each connection, bytes
	sent             float64 // payload from the source since lastOpen
	squares          amount  // squares of payload sizes from the source
	ended            amount  // connections that ended after a short exchange
	lengths, results rhythm  // payload of the source and of the destination in each of these
	names            uint8   // what its names show; see observePairName
	odd              float32 // evidence of its groups in the source's; see View.AddOdd
	queryData        amount  // payload of DNS queries beyond plainQuery
	unnamed          amount  // TLS sessions without server name
	denied           amount  // HTTP responses with the status 401 or 403
	peaks            [9]Peak
	novelties        [4]float32 // novelty at the first contact
	alarmedAt        int64      // time of its last alarm; set by the engine
	learnedAt        int64      // time of its last sample for the baseline of the service
	learned          uint16     // number of its samples for the baseline
	tail             [3]float32 // pair, service, novelty
}

// few counts up to about a hundred distinct items of the last one or two periods.
type few struct {
	period    int64
	now, past uint64
}

// add counts an item at an event time, in periods of longest.
func (d *few) add(ts int64, h uint64) {
	switch p := ts / longest; {
	case p == d.period+1:
		d.period, d.now, d.past = p, 0, d.now
	case p != d.period:
		*d = few{period: p}
	}
	d.now |= 1 << (h & 63)
}

// count returns the number of bits of the items, which is exact for a few.
func (d *few) count() int { return bits.OnesCount64(d.now | d.past) }

// pending is the number of connection attempts that may still be answered. Attempts leave
// it when they are answered or refused, and decay with a half-life of 234 ms.
type pending float32

// accepts says whether the packet accepts an attempt.
func (w *pending) count(v *View, accepts bool, f fading) {
	x := f[short4] * f[short4]
	x *= x
	x *= x
	*w *= pending(x * x)
	switch {
	case v.Opened && !accepts:
		*w++
	case accepts || v.refused:
		*w = max(*w-1, 0)
	}
}

// rhythm is the mean of about the last twenty values and their mean deviation from it.
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

// regularity is log2 of mean / mean deviation, at most 8, drawn to 0 while there are few
// values.
func (r *rhythm) regularity() float64 {
	if r.n < 3 || r.mean <= 0 {
		return 0
	}
	n := float64(min(r.n, 40))
	return chordLog(max(float64(r.mean)/max(float64(r.spread), float64(r.mean)/256), 1)) * n / (n + 6)
}

// cadence decides when the groups of an entry are due for evaluation: after everyOpened
// connections, after everyPackets packets, minInterval after the last evaluation if there
// was a connection attempt, and maxInterval after it in any case.
type cadence struct {
	at      int64
	packets uint16
	opened  uint8
}

const (
	everyPackets = 32
	everyOpened  = 4
	minInterval  = 50e6 // nanoseconds
	maxInterval  = 1e9
)

// due counts a packet and reports whether the entry is due.
func (c *cadence) due(ts int64, opened bool) bool {
	c.packets++
	if opened {
		c.opened++
	}
	dt := ts - c.at
	if c.opened >= everyOpened || c.packets >= everyPackets || c.opened > 0 && dt >= minInterval || dt >= maxInterval || dt < 0 {
		*c = cadence{at: ts}
		return true
	}
	return false
}

// Budget bounds how many points one host contributes to a model. It counts the points that
// the host offers; the count decays with a time constant of BudgetSpan.
type Budget struct {
	last  int64
	count float32
}

// BudgetSpan is the time constant of a Budget, in seconds.
const BudgetSpan = 10

// Share counts an offer and returns the share, 0…1, of the host's offers that should be
// learned for a long-term mean of rate points per second: 1 while there were few recent
// offers, less and less in a burst. Sampling a share, instead of the first offers, gives late
// packets of a burst the same chance as early ones.
func (b *Budget) Share(ts int64, rate float32) float32 {
	if dt := ts - b.last; dt > 0 {
		if dt > 20*BudgetSpan*second || b.last == 0 {
			b.count = 0
		} else if x := float32(dt) / float32(BudgetSpan*second); x < 1 {
			b.count *= 1 - x + x*x/2 - x*x*x/6
		} else {
			b.count *= float32(math.Exp(-float64(x)))
		}
		b.last = ts
	} else if dt < -backTolerance {
		b.last = ts
	}
	b.count++
	return min(1, rate*BudgetSpan/b.count)
}
