package order

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/wire"
)

// TestPartitionIndex: the partitions of a lane have consecutive indexes, and those of other
// lanes have none.
func TestPartitionIndex(t *testing.T) {
	for lanes := int32(1); lanes <= 7; lanes++ {
		for lane := range lanes {
			o := New(lane, lanes, 1, nil)
			next := 0
			for p := range int32(60) {
				i := o.index(p)
				if p%lanes != lane {
					if i != -1 {
						t.Fatalf("lane %d of %d: partition %d of another lane has the index %d", lane, lanes, p, i)
					}
					continue
				}
				if i != next {
					t.Fatalf("lane %d of %d: partition %d has the index %d, want %d", lane, lanes, p, i, next)
				}
				if o.partitions(p) != next || o.partitions(p+1) != next+1 {
					t.Fatalf("lane %d of %d: topics of %d and %d partitions have %d and %d of them", lane, lanes, p, p+1, o.partitions(p), o.partitions(p+1))
				}
				next++
			}
			for _, p := range []int32{-1, -lanes, -100} {
				if o.index(p) >= 0 || o.partitions(p) != 0 {
					t.Errorf("lane %d of %d: partition %d has the index %d", lane, lanes, p, o.index(p))
				}
			}
		}
	}
}

// chaos is a stream of valid and invalid records of a few producers.
type chaos struct {
	rnd    *rand.Rand
	epochs []models.Epoch
	next   uint64 // time stamp of the next packet
}

func newChaos(seed uint64) *chaos {
	c := &chaos{rnd: rand.New(rand.NewPCG(seed, 21))}
	for range 1 + c.rnd.IntN(3) {
		c.epochs = append(c.epochs, models.NewEpoch(c.rnd.Int32N(5), c.rnd.Uint64N(100)))
	}
	return c
}

// into passes a random record to o. It reports whether the record was a packet that could be
// read.
func (c *chaos) into(o *Order) (packet bool) {
	rnd := c.rnd
	s := models.Sequence{Producer: rnd.Uint64N(4), Number: rnd.Uint64N(40), Order: rnd.Uint64N(200), Epoch: c.epochs[rnd.IntN(len(c.epochs))]}
	if rnd.IntN(50) == 0 {
		s.Number, s.Order = rnd.Uint64(), rnd.Uint64()
	}
	p := rnd.Int32N(5)
	switch rnd.IntN(5) {
	case 0:
		o.Tick(p, s)
	case 1:
		o.Add(p, s, nil)
	default:
		c.next++
		o.Add(p, s, &models.PacketMeta{TS: models.Timestamp(c.next), Src: netip.AddrFrom4([4]byte{10, 0, 0, byte(rnd.Uint32())})})
		return true
	}
	return false
}

// waiting counts the packets in all queues.
func (o *Order) waiting() (packets int) {
	for _, p := range o.producers {
		for _, e := range p.epochs {
			for i := range e.streams {
				st := &e.streams[i]
				packets += len(st.queue)
				for _, it := range st.ahead {
					if !it.tick {
						packets++
					}
				}
			}
		}
	}
	return packets
}

// TestNoPacketIsYieldedTwice passes random records: each packet is yielded at most once, is
// counted as a duplicate or waits; Held is the number that waits; Release yields the rest.
func TestNoPacketIsYieldedTwice(t *testing.T) {
	for seed := range uint64(150) {
		c := newChaos(seed)
		yielded := map[models.Timestamp]int{}
		o := New(0, 1+int32(seed%2), 4, func(m *models.PacketMeta) { yielded[m.TS]++ })
		added := 0
		for i := range 600 {
			if c.into(o) {
				added++
			}
			if i%20 == 0 && o.Held() != o.waiting() {
				t.Fatalf("seed %d: Held is %d, %d packets wait", seed, o.Held(), o.waiting())
			}
		}
		o.Release()
		if o.Held() != 0 || o.waiting() != 0 || len(o.due) != 0 {
			t.Fatalf("seed %d: after Release Held is %d, %d packets and %d ticks wait", seed, o.Held(), o.waiting(), len(o.due))
		}
		for ts, n := range yielded {
			if n != 1 {
				t.Fatalf("seed %d: packet %d is yielded %d times", seed, ts, n)
			}
		}
		if lost := added - len(yielded); lost < 0 || uint64(lost) > o.Counts().Duplicates {
			t.Fatalf("seed %d: %d of %d packets are neither yielded nor counted: %+v", seed, lost, added, o.Counts())
		}
		before := len(yielded)
		if o.Release(); len(yielded) != before {
			t.Fatalf("seed %d: a second Release yields packets", seed)
		}
	}
}

// TestSnapshotsOfRandomStates restores random states: the snapshot of the restored order is the
// same, and both yield the same packets for the same further records.
func TestSnapshotsOfRandomStates(t *testing.T) {
	for seed := range uint64(100) {
		var first, second []models.Timestamp
		lanes := 1 + int32(seed%2)
		a := New(0, lanes, 4, func(m *models.PacketMeta) { first = append(first, m.TS) })
		c := newChaos(seed)
		for range 50 + seed*3 {
			c.into(a)
		}
		snapshot := a.AppendState([]byte("front"))
		b := New(0, lanes, 4, func(m *models.PacketMeta) { second = append(second, m.TS) })
		rest, err := b.Restore(append(bytes.TrimPrefix(snapshot, []byte("front")), "rest"...), StateVersion)
		if err != nil || string(rest) != "rest" {
			t.Fatalf("seed %d: %v, %q remains", seed, err, rest)
		}
		if !bytes.Equal(b.AppendState(nil), a.AppendState(nil)) || a.Held() != b.Held() || a.Counts() != b.Counts() {
			t.Fatalf("seed %d: the restored state differs: %d and %d packets, %+v and %+v", seed, a.Held(), b.Held(), a.Counts(), b.Counts())
		}
		first = nil
		twin := *c
		twin.rnd = rand.New(rand.NewPCG(seed, 22))
		c.rnd = rand.New(rand.NewPCG(seed, 22))
		for range 300 {
			c.into(a)
			twin.into(b)
		}
		a.Release()
		b.Release()
		if !slices.Equal(first, second) || a.Counts() != b.Counts() {
			t.Fatalf("seed %d: %d packets, restored %d; %+v and %+v", seed, len(first), len(second), a.Counts(), b.Counts())
		}
	}
}

// busy returns an order with waiting packets, ticks and epochs.
func busy(t *testing.T) *Order {
	t.Helper()
	o := New(0, 1, 3, func(*models.PacketMeta) {})
	l := make(logs, 4)
	s := newSender(7, 3)
	s.send(l, 130)
	s.spread(l, 4)
	s.send(l, 90)
	for p := range l[:3] {
		for i, e := range l[p] {
			if i%17 != 3 { // some are missing
				e.into(o, p)
			}
		}
	}
	o.StartMidway(2)
	if o.Held() == 0 || len(o.due) == 0 {
		t.Fatalf("%d packets and %d ticks wait", o.Held(), len(o.due))
	}
	return o
}

// TestSnapshotTruncated restores every prefix of a snapshot.
func TestSnapshotTruncated(t *testing.T) {
	b := busy(t).AppendState(nil)
	for n := range len(b) {
		if _, err := New(0, 1, 3, func(*models.PacketMeta) {}).Restore(b[:n], StateVersion); err == nil {
			t.Fatalf("%d of %d bytes returned no error", n, len(b))
		}
	}
}

// TestSnapshotDamaged flips a bit of each byte: if the snapshot is accepted, Held is still the number of
// packets that wait, and all of them can be released.
func TestSnapshotDamaged(t *testing.T) {
	b := busy(t).AppendState(nil)
	rejected := 0
	for i := range b {
		damaged := bytes.Clone(b)
		damaged[i] ^= []byte{1, 0x80}[i%2]
		yielded := 0
		o := New(0, 1, 3, func(*models.PacketMeta) { yielded++ })
		if _, err := o.Restore(damaged, StateVersion); err != nil {
			rejected++
			continue
		}
		held := o.Held()
		if held != o.waiting() {
			t.Fatalf("byte %d: Held is %d, %d packets wait", i, held, o.waiting())
		}
		if o.Release(); o.Held() != 0 || yielded > held {
			t.Fatalf("byte %d: %d of %d packets were yielded, Held is %d", i, yielded, held, o.Held())
		}
	}
	if rejected < len(b)/20 {
		t.Errorf("only %d damaged snapshots of %d bytes were rejected", rejected, len(b))
	}
}

// TestSnapshotOfOtherLane: the version, the lane and the number of lanes must be the same.
func TestSnapshotOfOtherLane(t *testing.T) {
	o := New(1, 3, 6, func(*models.PacketMeta) {})
	o.Add(1, models.Sequence{Producer: 7, Number: 5, Order: 20}, &models.PacketMeta{})
	b := o.AppendState(nil)
	for _, tt := range []struct {
		lane, lanes, base int32
		version           uint64
		ok                bool
	}{
		{1, 3, 6, StateVersion, true}, {1, 3, 60, StateVersion, true}, {0, 3, 6, StateVersion, false}, {2, 3, 6, StateVersion, false},
		{1, 2, 6, StateVersion, false}, {1, 4, 6, StateVersion, false}, {1, 3, 6, 0, false}, {1, 3, 6, StateVersion + 1, false}, {1, 3, 6, 1, false},
	} {
		again := New(tt.lane, tt.lanes, tt.base, func(*models.PacketMeta) {})
		if _, err := again.Restore(b, tt.version); (err == nil) != tt.ok {
			t.Errorf("lane %d of %d, version %d: %v", tt.lane, tt.lanes, tt.version, err)
		}
	}
}

// TestAhead lists which partitions should pause while half of the maximum is held.
func TestAhead(t *testing.T) {
	for _, tt := range []struct {
		name    string
		held    int
		ticks   []uint64 // places of ticks in the first partition
		reached []uint64 // by the partitions
		want    []bool
	}{
		{"few packets are held", MaxHeld/2 - 1, []uint64{100}, []uint64{100, 900, 0}, []bool{false, false, false}},
		{"one is late", MaxHeld / 2, []uint64{100}, []uint64{100, 900, 99}, []bool{true, true, false}},
		{"two are late", MaxHeld / 2, []uint64{100}, []uint64{200, 50, 99}, []bool{true, false, false}},
		{"only the first tick counts", MaxHeld / 2, []uint64{100, 800}, []uint64{800, 100, 99}, []bool{true, true, false}},
		{"there is no tick", MaxHeld / 2, nil, []uint64{0, 900, 900}, []bool{false, true, true}},
	} {
		o := New(0, 1, 3, func(*models.PacketMeta) {})
		e := o.epoch(models.Sequence{Producer: 7})
		for i, mark := range tt.reached {
			o.stream(e, i).mark = mark
		}
		for _, place := range tt.ticks {
			o.due = append(o.due, due{e, place})
		}
		o.held = tt.held
		for p, want := range tt.want {
			if got := o.Ahead(int32(p)); got != want {
				t.Errorf("%s: partition %d ahead is %v, want %v", tt.name, p, got, want)
			}
		}
		if tt.ticks != nil && tt.held >= MaxHeld/2 && !o.Ahead(3) {
			t.Errorf("%s: a partition that the producer does not use is not ahead", tt.name)
		}
	}
}

// TestLanesAreIndependent distributes a log over several lanes: together they yield every packet
// once, each lane in order and only from the lane's partitions.
func TestLanesAreIndependent(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 23))
		parts, lanes := 1+rnd.Int32N(9), 1+rnd.Int32N(4)
		l := make(logs, parts)
		s := newSender(7, parts)
		s.send(l, 2000)
		s.tick(l)
		total := 0
		for lane := range lanes {
			var got []models.Timestamp
			o := New(lane, lanes, parts, func(m *models.PacketMeta) {
				if p := wire.PartitionOf(wire.AppendKey(nil, m), parts); p%lanes != lane {
					t.Fatalf("lane %d of %d yields a packet of partition %d", lane, lanes, p)
				}
				got = append(got, m.TS)
			})
			mine := slices.Clone(l)
			for p := range mine {
				if int32(p)%lanes != lane {
					mine[p] = nil
				}
			}
			mine.read(rnd, o, make([]int, parts), everything)
			if !slices.IsSorted(got) || o.Held() != 0 || o.Counts() != (Counts{}) {
				t.Fatalf("seed %d, lane %d of %d: sorted %v, %d wait, %+v", seed, lane, lanes, slices.IsSorted(got), o.Held(), o.Counts())
			}
			total += len(got)
		}
		if total != 2000 {
			t.Fatalf("seed %d: %d packets of 2000 in %d lanes", seed, total, lanes)
		}
	}
}

// TestMissingPerPosition removes one run of records at any position: exactly its packets are
// counted as missing after Release, and all others are yielded in order.
func TestMissingPerPosition(t *testing.T) {
	const packets = 300
	for _, parts := range []int32{1, 2, 3} {
		for from := 0; from < packets; from += 7 {
			l := make(logs, parts)
			s := newSender(7, parts)
			s.send(l, packets)
			s.tick(l)
			missing := 0
			for p := range l {
				l[p] = slices.DeleteFunc(l[p], func(e entry) bool {
					gone := !e.tick && int(e.seq.Order) >= from && int(e.seq.Order) < from+5
					if gone {
						missing++
					}
					return gone
				})
			}
			got, o := run(t, l, rand.New(rand.NewPCG(uint64(from), 24)))
			tail := 0
			if parts == 1 && from+5 >= packets {
				tail = missing // no later number shows that they are missing
			}
			if len(got) != packets-missing || !slices.IsSorted(got) || int(o.Counts().Missing) != missing-tail {
				t.Fatalf("%d partitions, %d removed from %d: %d packets, sorted %v, %+v", parts, missing, from, len(got), slices.IsSorted(got), o.Counts())
			}
		}
	}
}
