package order

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/engine/internal/state"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// sender is one run of a producer, which spreads its packets by key as the packet producer does.
type sender struct {
	id      uint64
	parts   int32
	next    uint64
	epoch   models.Epoch
	numbers []uint64
}

func newSender(id uint64, parts int32) *sender {
	s := &sender{id: id}
	s.spread(nil, parts)
	return s
}

// spread starts an epoch; the previous one ends with a tick.
func (s *sender) spread(l logs, parts int32) {
	if s.parts > 0 {
		s.tick(l)
	}
	s.parts, s.epoch, s.numbers = parts, models.NewEpoch(parts, s.next), make([]uint64, parts)
}

func (s *sender) tick(l logs) {
	for p := range s.numbers {
		if s.parts > 1 {
			l[p] = append(l[p], entry{seq: models.Sequence{Producer: s.id, Number: s.numbers[p], Order: s.next, Epoch: s.epoch}, tick: true})
		}
	}
}

func (s *sender) send(l logs, n int) {
	for range n {
		m := models.PacketMeta{TS: models.Timestamp(s.id<<32 | s.next), Src: netip.AddrFrom4([4]byte{10, 0, byte(s.next * 7), byte(s.next)})}
		p := wire.PartitionOf(wire.AppendKey(nil, &m), s.parts)
		l[p] = append(l[p], entry{seq: models.Sequence{Producer: s.id, Number: s.numbers[p], Order: s.next, Epoch: s.epoch}, meta: m})
		s.numbers[p]++
		if s.next++; s.next%50 == 0 {
			s.tick(l)
		}
	}
}

// TestPartitionsGrow adds partitions at a random time. Each producer uses them from another
// time on, and an Order that was created before reads them in a random interleaving, with
// snapshots in between. The result is always the same, with each packet once and in order.
func TestPartitionsGrow(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 11))
		sizes := []int32{1, 1 + int32(seed%3), 3 + int32(seed%4), 9}
		l := make(logs, 9)
		var senders []*sender
		for id := range 1 + seed%3 {
			senders = append(senders, newSender(id+1, sizes[0]))
		}
		sent := map[uint64]int{}
		for _, parts := range sizes[1:] {
			for _, i := range rnd.Perm(3 * len(senders)) {
				s, n := senders[i%len(senders)], rnd.IntN(200)
				s.send(l, n)
				if sent[s.id] += n; i >= 2*len(senders) && parts > s.parts {
					s.spread(l, parts)
				}
			}
		}
		for _, s := range senders {
			s.send(l, 100)
			s.tick(l)
			sent[s.id] += 100
		}
		var want []models.Timestamp
		for reading := range uint64(4) {
			got, o := readAnyhow(t, l, rand.New(rand.NewPCG(seed, reading)), sizes[0])
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: order of reading %d differs", seed, reading)
			}
			if c := o.Counts(); c != (Counts{}) || o.Held() != 0 {
				t.Fatalf("seed %d: %+v, %d wait", seed, c, o.Held())
			}
		}
		next := map[uint64]uint64{}
		for _, ts := range want {
			id, order := uint64(ts)>>32, uint64(ts)&(1<<32-1)
			if order != next[id] {
				t.Fatalf("seed %d: producer %d: packet %d, want %d", seed, id, order, next[id])
			}
			next[id]++
		}
		for id, n := range sent {
			if next[id] != uint64(n) {
				t.Fatalf("seed %d: %d packets of producer %d, want %d", seed, next[id], id, n)
			}
		}
	}
}

// readAnyhow reads the logs in a random interleaving, with snapshots in between.
func readAnyhow(t *testing.T, l logs, rnd *rand.Rand, base int32) (got []models.Timestamp, o *Order) {
	t.Helper()
	yield := func(m *models.PacketMeta) { got = append(got, m.TS) }
	o = New(0, 1, base, yield)
	at := make([]int, len(l))
	for range 8 {
		l.read(rnd, o, at, rnd.IntN(300))
		again := New(0, 1, base, yield)
		if rest, err := again.Restore(o.AppendState(nil), StateVersion); err != nil || len(rest) != 0 {
			t.Fatalf("%v, %d bytes left", err, len(rest))
		}
		o = again
	}
	l.read(rnd, o, at, everything)
	return got, o
}

// TestRestartOnMorePartitions restarts a named producer after partitions were added. It sends
// the same packets to other partitions with other numbers; each is yielded once.
func TestRestartOnMorePartitions(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 12))
		l := make(logs, 6)
		first := newSender(7, 1+int32(seed%3))
		first.send(l, 200+rnd.IntN(300))
		if seed%2 == 0 { // it learns of more before it is killed
			first.spread(l, 4)
			first.send(l, rnd.IntN(200))
		}
		again := newSender(7, 6)
		again.send(l, 1000)
		again.tick(l)
		for reading := range uint64(3) {
			got, o := readAnyhow(t, l, rand.New(rand.NewPCG(seed, reading)), 1)
			if !slices.Equal(got, inOrder(7, 1000)) {
				t.Fatalf("seed %d: %d packets, want the 1000 that were sent, once and in order", seed, len(got))
			}
			if c := o.Counts(); c.Missing != 0 || c.Duplicates != first.next {
				t.Fatalf("seed %d: %+v, want %d duplicates", seed, c, first.next)
			}
		}
	}
}

// TestTopicRecreated deletes a topic with unread packets and creates it with more, as many or
// fewer partitions. The unread packets are counted as missing and nothing waits for them.
func TestTopicRecreated(t *testing.T) {
	for _, parts := range []int32{1, 2, 5} {
		for _, before := range []int32{1, 3} {
			for _, read := range []int{0, 170} {
				t.Run(fmt.Sprintf("%d, then %d partitions, %d read", before, parts, read), func(t *testing.T) {
					rnd := rand.New(rand.NewPCG(1, 13))
					s, old := newSender(7, before), make(logs, 5)
					s.send(old, 500)
					got := 0
					o := New(0, 1, before, func(*models.PacketMeta) { got++ })
					old.read(rnd, o, make([]int, len(old)), read)
					l := make(logs, 5)
					s.spread(make(logs, 5), parts) // the last tick is lost with the topic
					s.send(l, 400)
					s.tick(l)
					l.read(rnd, o, make([]int, len(l)), everything)
					if o.Held() != 0 {
						t.Errorf("%d packets still wait", o.Held())
					}
					if m := o.Counts().Missing; got < 400 || uint64(got)+m != 900 {
						t.Errorf("%d packets and %d missing, want 900 in total", got, m)
					}
				})
			}
		}
	}
}

// TestBogusEpoch reads records that state more partitions than exist: they delay others only
// for a limited time and take no memory.
func TestBogusEpoch(t *testing.T) {
	n := 0
	o := New(0, 1, 2, func(*models.PacketMeta) { n++ })
	o.Tick(0, models.Sequence{Producer: 66, Order: 1, Epoch: models.NewEpoch(60000, 0)})
	l := make(logs, 2)
	s := newSender(7, 2)
	s.send(l, 50*maxDue*2)
	l.read(rand.New(rand.NewPCG(1, 1)), o, make([]int, 2), everything)
	if n < 50*maxDue {
		t.Errorf("only %d packets were yielded", n)
	}
	if got := len(o.producers[66].epochs[0].streams); got > 2 {
		t.Errorf("%d streams", got)
	}
	for i := range uint64(100) {
		o.Add(0, models.Sequence{Producer: 66, Epoch: models.NewEpoch(2, i+1)}, &models.PacketMeta{})
	}
	if got := len(o.producers[66].epochs); got > maxEpochs {
		t.Errorf("%d epochs are held", got)
	}
}

// TestOldSnapshot restores a snapshot of version 1, with one partition and with several and
// waiting packets.
func TestOldSnapshot(t *testing.T) {
	for _, parts := range []int32{1, 3} {
		var got []models.Timestamp
		yield := func(m *models.PacketMeta) { got = append(got, m.TS) }
		o := New(0, 1, parts, yield)
		l, at := make(logs, parts), make([]int, parts)
		s := newSender(7, parts)
		s.epoch = 0 // producers of that time did not say
		s.send(l, 1000)
		s.tick(l)
		rnd := rand.New(rand.NewPCG(5, 5))
		l.read(rnd, o, at, 500)
		again := New(0, 1, 5, yield)
		if rest, err := again.Restore(o.appendOld(), 1); err != nil || len(rest) != 0 {
			t.Fatalf("%v, %d bytes left", err, len(rest))
		}
		l.read(rnd, again, at, everything)
		if !slices.Equal(got, inOrder(7, 1000)) || again.Held() != 0 || again.Counts() != (Counts{}) {
			t.Errorf("%d partitions: %d packets, %+v, %d wait", parts, len(got), again.Counts(), again.Held())
		}
	}
}

// appendOld writes a snapshot of version 1.
func (o *Order) appendOld() []byte {
	c := state.Writer(nil)
	c.Same("", uint64(o.base))
	for i := range o.base {
		c.Same("", uint64(i))
		midway := false
		c.Bool(&midway)
	}
	o.sums(c)
	list := o.leastRecent()
	c.Len(len(list), maxProducers)
	for _, p := range list {
		c.U64(&p.id)
		c.U64(&p.used)
		c.U64(&p.round)
		for i := range o.base {
			o.streamFields(c, o.stream(p.epochs[0], i))
		}
	}
	c.Len(len(o.due), maxDues)
	for _, d := range o.due {
		c.U64(&d.epoch.producer.id)
		c.U64(&d.order)
	}
	return c.Bytes()
}
