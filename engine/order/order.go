package order

import (
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// Limits. Packets beyond a limit are not lost: they are yielded without waiting for others, or
// others that they wait for are counted as missing.
const (
	// MaxHeld is the maximum number of packets that wait for others.
	MaxHeld = 1 << 18
	// maxAhead is the maximum number of packets of a stream that wait for a missing one.
	maxAhead = 4096
	// maxAheadTicks is the same for ticks: a third of a second of a busy producer.
	maxAheadTicks = 16
	// maxProducers is the maximum number of producers; the least recent one is evicted.
	maxProducers = 1024
	// maxEpochs is the maximum number of epochs of a producer; the oldest one is evicted.
	maxEpochs = 8
	// maxDue is the number of later ticks after which the first one is no longer awaited in
	// a partition, as its producer has stopped without a final tick; and the number of ticks
	// of other producers after which the last packets of a silent producer are due.
	maxDue = 512
	// maxDues is the maximum number of waiting ticks: 45 minutes of one producer.
	maxDues = 1 << 17
)

// Counts counts irregularities since the Order was created.
type Counts struct {
	Duplicates uint64 // packets skipped because they had been yielded
	Missing    uint64 // packets that never arrived
	Forced     uint64 // times that packets were yielded without waiting for all partitions
}

// Order restores the order over the partitions of one lane. Create it with New.
type Order struct {
	lane, lanes int32
	base        int    // partitions of the lane for producers whose records do not state a number
	known       int    // known partitions of the lane
	midway      []bool // by partition: reading started after its first record
	yield       func(*models.PacketMeta)
	producers   map[uint64]*producer
	last        *epoch // epoch of the last packet
	due         []due
	rounds      uint64 // processed ticks
	clock       uint64 // counts uses of producers
	held        int
	free        []*item // items to reuse
	key         []byte
	counts      Counts
}

// due is a tick in the first partition, or packets there of a producer with that partition
// only: packets of epoch with a place below order are due.
type due struct {
	epoch *epoch
	order uint64
}

// producer is the state of one producer.
type producer struct {
	id     uint64
	used   uint64 // clock at its last record
	round  uint64 // rounds at its last record
	ranks  uint64 // number of its epochs in the first partition so far
	epochs []*epoch
}

// epoch is the state of the packets that a producer distributed over the same partitions.
type epoch struct {
	producer *producer
	id       models.Epoch
	parts    int // its partitions in the lane
	streams  []stream
	rank     uint64 // its number among the producer's epochs in the first partition, from 1; 0: not seen there yet
	seen     uint64 // packets that arrived or are counted as missing
	started  bool   // the epochs before it have ended
	ended    bool   // a later epoch has started
}

// New returns an Order of the partitions whose number modulo lanes is lane. base is the number
// of partitions of the topic for producers whose records do not state one. yield is called
// with each packet, which is valid until yield returns.
func New(lane, lanes, base int32, yield func(*models.PacketMeta)) *Order {
	o := &Order{lane: lane, lanes: lanes, yield: yield, producers: map[uint64]*producer{}, key: make([]byte, 0, 64)}
	o.base = o.partitions(base)
	o.known = o.base
	return o
}

// partitions returns how many of a topic's partitions are in the lane.
func (o *Order) partitions(topic int32) int {
	if topic <= o.lane {
		return 0
	}
	return int((topic-o.lane-1)/o.lanes) + 1
}

// index returns the index of a partition within the lane, -1 if it is in another lane.
func (o *Order) index(partition int32) int {
	if partition < o.lane || (partition-o.lane)%o.lanes != 0 {
		return -1
	}
	return int((partition - o.lane) / o.lanes)
}

// AddPartition makes a partition known.
func (o *Order) AddPartition(partition int32) { o.known = max(o.known, o.index(partition)+1) }

// StartMidway declares that a partition is read from an offset after its start: earlier packets
// of its producers are not missing.
func (o *Order) StartMidway(partition int32) {
	if i := o.index(partition); i >= 0 {
		o.midway = extend(o.midway, i)
		o.midway[i] = true
	}
}

// TopicRecreated declares that the topic was deleted and created again, and that the next
// records are at the start of the new partitions.
func (o *Order) TopicRecreated() { o.midway = nil }

// extend returns list, extended so that index is valid.
func extend[T any](list []T, index int) []T {
	if index < len(list) {
		return list
	}
	return append(list, make([]T, index+1-len(list))...)
}

// Add processes a packet with its sequence. m is not retained. A nil m stands for a packet that
// could not be read.
func (o *Order) Add(partition int32, s models.Sequence, m *models.PacketMeta) {
	i := o.index(partition)
	if s.Producer == 0 || i < 0 {
		if m != nil {
			o.yield(m)
		}
		return
	}
	e := o.epoch(s)
	if i >= e.parts { // not written by the producer in this epoch, but by another client
		if m != nil {
			o.yield(m)
		}
		return
	}
	st := o.stream(e, i)
	if !st.started {
		o.startStream(e, i, s)
	}
	if st.next == s.Number && e.parts == 1 && e.started && len(st.ahead) == 0 && len(o.due) == 0 { // the normal case
		o.pass(e, st, s.Order, m)
		return
	}
	o.arrive(e, i, o.item(s, m))
}

// startStream handles the first record of a stream.
func (o *Order) startStream(e *epoch, i int, s models.Sequence) {
	st := &e.streams[i]
	st.started = true
	if i < len(o.midway) && o.midway[i] {
		st.next = s.Number
		e.seen += s.Number // not missing: they are before the first offset that is read
	}
}

// pass yields the next packet of its stream, when no other packet waits.
func (o *Order) pass(e *epoch, st *stream, order uint64, m *models.PacketMeta) {
	st.next++
	e.seen++
	st.mark = max(st.mark, order+1)
	if m != nil {
		o.out(e, st, order, m)
	}
}

// Tick processes a tick.
func (o *Order) Tick(partition int32, s models.Sequence) {
	i := o.index(partition)
	if i < 0 || s.Producer == 0 {
		return
	}
	e := o.epoch(s)
	if i >= e.parts || e.parts == 1 {
		return
	}
	if st := o.stream(e, i); !st.started {
		o.startStream(e, i, s)
	}
	it := o.item(s, nil)
	it.tick = true
	o.arrive(e, i, it)
}

// Release yields all waiting packets, in order, as at the end of the input. It is for a lane at
// the end of the log whose producers are silent.
func (o *Order) Release() {
	for _, p := range o.leastRecent() {
		for _, e := range p.epochs {
			o.skipAll(e)
		}
	}
	for len(o.due) > 0 {
		o.emitFirst()
	}
	for _, p := range o.leastRecent() {
		o.emit(p, ^uint64(0))
	}
}

// skipAll counts all packets that an epoch waits for as missing.
func (o *Order) skipAll(e *epoch) {
	for i := range e.streams {
		for len(e.streams[i].ahead) > 0 {
			o.skip(e, i)
		}
	}
}

// Held returns the number of waiting packets.
func (o *Order) Held() int { return o.held }

// Counts returns the counts.
func (o *Order) Counts() Counts { return o.counts }

// epoch returns the epoch of a record and creates it if it is new.
func (o *Order) epoch(s models.Sequence) *epoch {
	if e := o.last; e != nil && e.id == s.Epoch && e.producer.id == s.Producer {
		e.producer.round = o.rounds
		return e
	}
	p := o.producers[s.Producer]
	if p == nil {
		if len(o.producers) >= maxProducers {
			o.evict()
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
		o.evictEpoch(p)
	}
	return o.last
}

func (o *Order) newEpoch(p *producer, id models.Epoch) *epoch {
	e := &epoch{producer: p, id: id, parts: o.base}
	if n := id.Partitions(); n > 0 {
		e.parts = o.partitions(n)
	}
	return e
}

func (o *Order) stream(e *epoch, i int) *stream {
	if i >= len(e.streams) {
		o.known, e.streams = max(o.known, i+1), extend(e.streams, i)
	}
	return &e.streams[i]
}

// reach returns the place that the stream of this index has reached, 0 if there is no such
// stream.
func (e *epoch) reach(i int) uint64 {
	if i >= len(e.streams) {
		return 0
	}
	return e.streams[i].mark
}

// evictEpoch yields the packets of the producer's oldest epoch and removes it.
func (o *Order) evictEpoch(p *producer) {
	e := p.epochs[0]
	o.skipAll(e)
	o.emit(p, e.highest())
	o.due = slices.DeleteFunc(o.due, func(d due) bool { return d.epoch == e })
	p.epochs = slices.Delete(p.epochs, 0, 1)
}

// highest returns the highest place that a stream has reached.
func (e *epoch) highest() (top uint64) {
	for i := range e.streams {
		top = max(top, e.streams[i].mark)
	}
	return top
}

// evict yields the packets of the least recent producer and removes it.
func (o *Order) evict() {
	p := o.leastRecent()[0]
	for _, e := range p.epochs {
		o.skipAll(e)
	}
	o.emit(p, ^uint64(0))
	o.due = slices.DeleteFunc(o.due, func(d due) bool { return d.epoch.producer == p })
	delete(o.producers, p.id)
	if o.last != nil && o.last.producer == p {
		o.last = nil
	}
}

// leastRecent returns the producers, the least recent first.
func (o *Order) leastRecent() []*producer {
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
