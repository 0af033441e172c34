package order

import (
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// Limits. What they cut off is lost for the order, not for the model: it is yielded
// early, or counted as missing.
const (
	// MaxHeld is the most packets that wait for others.
	MaxHeld = 1 << 18
	// maxEarly is how many packets of one stream may wait for one that is missing.
	maxEarly = 4096
	// maxEarlyTicks is how many ticks may: a third of a second of a busy producer.
	maxEarlyTicks = 16
	// maxProducers are remembered; the one silent for longest gives way.
	maxProducers = 1024
	// maxDue is how many ticks behind it the first one is waited for in a partition,
	// where its producer has ended without a good-bye; and after so many ticks of others
	// its last packets are due.
	maxDue = 512
	// maxDues is how many ticks may wait: three quarters of an hour of one producer.
	maxDues = 1 << 17
)

// Counts is what has become of packets since the beginning.
type Counts struct {
	Duplicates uint64 // left out, for they were yielded before
	Missing    uint64 // never came
	Forced     uint64 // times that something was yielded without waiting for all
}

// Order has the streams of some partitions. Make it with New.
type Order struct {
	partitions []int32
	midway     []bool // by partition: what lies before was never read
	yield      func(*models.PacketMeta)
	producers  map[uint64]*producer
	last       *producer // of the last packet
	due        []due
	rounds     uint64 // ticks worked off
	clock      uint64 // of uses
	held       int
	free       []*item // to be used again
	counts     Counts
}

// due is a tick in the first partition.
type due struct {
	of    *producer
	order uint64
}

// producer is what is known of one that writes.
type producer struct {
	id      uint64
	used    uint64 // clock of its last record
	round   uint64 // of its last record
	streams []stream
}

// New makes an Order of these partitions, ascending. yield gets each packet; it is valid
// until yield returns.
func New(partitions []int32, yield func(*models.PacketMeta)) *Order {
	return &Order{partitions: slices.Clone(partitions), midway: make([]bool, len(partitions)), yield: yield, producers: map[uint64]*producer{}}
}

// Midway says that a partition is read from some place after its beginning: what its
// producers sent before is not missing.
func (o *Order) Midway(partition int32) {
	if i := o.index(partition); i >= 0 {
		o.midway[i] = true
	}
}

// Add takes in a packet with its sequence; m may be used again afterwards. A nil m is a
// packet that cannot be read.
func (o *Order) Add(partition int32, s models.Sequence, m *models.PacketMeta) {
	if s.Producer == 0 {
		if m != nil {
			o.yield(m)
		}
		return
	}
	i := o.index(partition)
	if i < 0 {
		return
	}
	p := o.producer(s.Producer)
	st := &p.streams[i]
	switch {
	case st.next == s.Number && len(o.partitions) == 1 && len(st.early) == 0: // nearly always
		st.next++
		if m != nil {
			o.yield(m)
		}
	case !st.begun && o.midway[i]:
		st.next = s.Number
		fallthrough
	default:
		o.arrive(p, i, o.item(s, m))
	}
	st.begun = true
}

// Tick takes in a tick.
func (o *Order) Tick(partition int32, s models.Sequence) {
	i := o.index(partition)
	if i < 0 || s.Producer == 0 || len(o.partitions) == 1 {
		return
	}
	p := o.producer(s.Producer)
	if st := &p.streams[i]; !st.begun && o.midway[i] {
		st.next, st.begun = s.Number, true
	}
	it := o.item(s, nil)
	it.tick = true
	o.arrive(p, i, it)
}

// Release yields all that waits, in order, as if nothing else were to come. It is for
// when the log is at its end and its producers are silent.
func (o *Order) Release() {
	for _, p := range o.inTurn() {
		for i := range p.streams {
			for len(p.streams[i].early) > 0 {
				o.skip(p, i)
			}
		}
	}
	for len(o.due) > 0 {
		o.force()
	}
	for _, p := range o.inTurn() {
		o.emit(p, ^uint64(0))
	}
}

// Held is how many packets wait.
func (o *Order) Held() int { return o.held }

// Counts is what has become of packets.
func (o *Order) Counts() Counts { return o.counts }

func (o *Order) index(partition int32) int {
	if len(o.partitions) == 1 && o.partitions[0] == partition {
		return 0
	}
	return slices.Index(o.partitions, partition)
}

// producer is the one of that id, made at its first record.
func (o *Order) producer(id uint64) *producer {
	if p := o.last; p != nil && p.id == id {
		p.round = o.rounds
		return p
	}
	p := o.producers[id]
	if p == nil {
		if len(o.producers) >= maxProducers {
			o.forget()
		}
		p = &producer{id: id, streams: make([]stream, len(o.partitions))}
		o.producers[id] = p
	}
	o.clock++
	p.used, p.round, o.last = o.clock, o.rounds, p
	return p
}

// forget yields what the producer silent for longest has left, and lets go of it.
func (o *Order) forget() {
	p := o.inTurn()[0]
	for i := range p.streams {
		for len(p.streams[i].early) > 0 {
			o.skip(p, i)
		}
	}
	o.emit(p, ^uint64(0))
	o.due = slices.DeleteFunc(o.due, func(d due) bool { return d.of == p })
	delete(o.producers, p.id)
	if o.last == p {
		o.last = nil
	}
}

// inTurn is the producers, the one silent for longest first.
func (o *Order) inTurn() []*producer {
	list := make([]*producer, 0, len(o.producers))
	for _, p := range o.producers {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *producer) int {
		if a.used < b.used {
			return -1
		}
		return 1
	})
	return list
}
