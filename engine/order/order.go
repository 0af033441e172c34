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
	// maxEpochs of a producer are remembered; the oldest gives way.
	maxEpochs = 8
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

// Order has the streams of the partitions of one lane. Make it with New.
type Order struct {
	lane, lanes int32
	base        int    // partitions of the lane into which producers write that do not say it
	known       int    // partitions of the lane that there are, as far as is known
	midway      []bool // by partition: what lies before was never read
	yield       func(*models.PacketMeta)
	producers   map[uint64]*producer
	last        *epoch // of the last packet
	due         []due
	rounds      uint64 // ticks worked off
	clock       uint64 // of uses
	held        int
	free        []*item // to be used again
	key         []byte
	counts      Counts
}

// due is a tick in the first partition, or packets there of a producer that writes into
// that partition only.
type due struct {
	of    *epoch
	order uint64
}

// producer is what is known of one that writes.
type producer struct {
	id     uint64
	used   uint64 // clock of its last record
	round  uint64 // of its last record
	ranks  uint64 // epochs that began in the first partition
	epochs []*epoch
}

// epoch is the packets of a producer that were spread over the same partitions.
type epoch struct {
	of      *producer
	id      models.Epoch
	parts   int // partitions of the lane that it has
	streams []stream
	rank    uint64 // its place among the producer's epochs in the first partition, from 1; 0 = not come there yet
	seen    uint64 // packets that came or are counted as missing
	begun   bool   // the epochs before it have ended
	ended   bool   // a later one has begun
}

// New makes an Order of the partitions whose number leaves lane when divided by lanes.
// base is how many partitions the topic has, for producers that do not say how many they
// know. yield gets each packet; it is valid until yield returns.
func New(lane, lanes, base int32, yield func(*models.PacketMeta)) *Order {
	o := &Order{lane: lane, lanes: lanes, yield: yield, producers: map[uint64]*producer{}, key: make([]byte, 0, 64)}
	o.base = o.partitions(base)
	o.known = o.base
	return o
}

// partitions is how many of a topic's partitions belong to the lane.
func (o *Order) partitions(topic int32) int {
	if topic <= o.lane {
		return 0
	}
	return int((topic-o.lane-1)/o.lanes) + 1
}

// index is the place of a partition in the lane, -1 where it belongs to another.
func (o *Order) index(partition int32) int {
	if partition < o.lane || (partition-o.lane)%o.lanes != 0 {
		return -1
	}
	return int((partition - o.lane) / o.lanes)
}

// Known says that there is a partition.
func (o *Order) Known(partition int32) { o.known = max(o.known, o.index(partition)+1) }

// Midway says that a partition is read from some place after its beginning: what its
// producers sent before is not missing.
func (o *Order) Midway(partition int32) {
	if i := o.index(partition); i >= 0 {
		o.midway = grown(o.midway, i)
		o.midway[i] = true
	}
}

// TopicMadeAnew says that the partitions begin again: the topic was deleted and made anew,
// and what is read next stands in the new one.
func (o *Order) TopicMadeAnew() { o.midway = nil }

// grown is list with an element of that index.
func grown[T any](list []T, index int) []T {
	if index < len(list) {
		return list
	}
	return append(list, make([]T, index+1-len(list))...)
}

// Add takes in a packet with its sequence; m may be used again afterwards. A nil m is a
// packet that cannot be read.
func (o *Order) Add(partition int32, s models.Sequence, m *models.PacketMeta) {
	i := o.index(partition)
	if s.Producer == 0 || i < 0 {
		if m != nil {
			o.yield(m)
		}
		return
	}
	e := o.epoch(s)
	if i >= e.parts { // no producer writes there in this epoch: it was put there by somebody else
		if m != nil {
			o.yield(m)
		}
		return
	}
	st := o.stream(e, i)
	if !st.begun {
		o.begin(e, i, s)
	}
	if st.next == s.Number && e.parts == 1 && e.begun && len(st.early) == 0 && len(o.due) == 0 { // nearly always
		o.pass(e, st, s.Order, m)
		return
	}
	o.arrive(e, i, o.item(s, m))
}

// begin is a stream's first record.
func (o *Order) begin(e *epoch, i int, s models.Sequence) {
	st := &e.streams[i]
	st.begun = true
	if i < len(o.midway) && o.midway[i] {
		st.next = s.Number
		e.seen += s.Number // by somebody, or by nobody: it is not missing here
	}
}

// pass yields the packet that is next in its stream, where nothing else waits.
func (o *Order) pass(e *epoch, st *stream, order uint64, m *models.PacketMeta) {
	st.next++
	e.seen++
	st.mark = max(st.mark, order+1)
	if m != nil {
		o.out(e, st, order, m)
	}
}

// Tick takes in a tick.
func (o *Order) Tick(partition int32, s models.Sequence) {
	i := o.index(partition)
	if i < 0 || s.Producer == 0 {
		return
	}
	e := o.epoch(s)
	if i >= e.parts || e.parts == 1 {
		return
	}
	if st := o.stream(e, i); !st.begun {
		o.begin(e, i, s)
	}
	it := o.item(s, nil)
	it.tick = true
	o.arrive(e, i, it)
}

// Release yields all that waits, in order, as if nothing else were to come. It is for
// when the log is at its end and its producers are silent.
func (o *Order) Release() {
	for _, p := range o.inTurn() {
		for _, e := range p.epochs {
			o.skipAll(e)
		}
	}
	for len(o.due) > 0 {
		o.force()
	}
	for _, p := range o.inTurn() {
		o.emit(p, ^uint64(0))
	}
}

// skipAll gives up what is missing in an epoch before what is early.
func (o *Order) skipAll(e *epoch) {
	for i := range e.streams {
		for len(e.streams[i].early) > 0 {
			o.skip(e, i)
		}
	}
}

// Held is how many packets wait.
func (o *Order) Held() int { return o.held }

// Counts is what has become of packets.
func (o *Order) Counts() Counts { return o.counts }

// epoch is the one of a record, made at its first.
func (o *Order) epoch(s models.Sequence) *epoch {
	if e := o.last; e != nil && e.id == s.Epoch && e.of.id == s.Producer {
		e.of.round = o.rounds
		return e
	}
	p := o.producers[s.Producer]
	if p == nil {
		if len(o.producers) >= maxProducers {
			o.forget()
		}
		p = &producer{id: s.Producer}
		o.producers[p.id] = p
	}
	o.clock++
	p.used, p.round = o.clock, o.rounds
	at := slices.IndexFunc(p.epochs, func(e *epoch) bool { return e.id == s.Epoch })
	if at < 0 {
		at = len(p.epochs)
		p.epochs = append(p.epochs, o.newEpoch(p, s.Epoch))
	}
	o.last = p.epochs[at]
	if len(p.epochs) > maxEpochs {
		o.forgetEpoch(p)
	}
	return o.last
}

func (o *Order) newEpoch(p *producer, id models.Epoch) *epoch {
	e := &epoch{of: p, id: id, parts: o.base}
	if n := id.Partitions(); n > 0 {
		e.parts = o.partitions(n)
	}
	return e
}

func (o *Order) stream(e *epoch, i int) *stream {
	if i >= len(e.streams) {
		o.known, e.streams = max(o.known, i+1), grown(e.streams, i)
	}
	return &e.streams[i]
}

// reach is up to which place the stream of that index has come, 0 where it is not there.
func (e *epoch) reach(i int) uint64 {
	if i >= len(e.streams) {
		return 0
	}
	return e.streams[i].mark
}

// forgetEpoch yields what the producer's oldest epoch has left, and lets go of it.
func (o *Order) forgetEpoch(p *producer) {
	e := p.epochs[0]
	o.skipAll(e)
	o.emit(p, e.top())
	o.due = slices.DeleteFunc(o.due, func(d due) bool { return d.of == e })
	p.epochs = slices.Delete(p.epochs, 0, 1)
}

// top is up to which place anything waits.
func (e *epoch) top() (top uint64) {
	for i := range e.streams {
		top = max(top, e.streams[i].mark)
	}
	return top
}

// forget yields what the producer silent for longest has left, and lets go of it.
func (o *Order) forget() {
	p := o.inTurn()[0]
	for _, e := range p.epochs {
		o.skipAll(e)
	}
	o.emit(p, ^uint64(0))
	o.due = slices.DeleteFunc(o.due, func(d due) bool { return d.of.of == p })
	delete(o.producers, p.id)
	if o.last != nil && o.last.of == p {
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
