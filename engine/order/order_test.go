package order

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// entry is a record of one packet, or a tick.
type entry struct {
	seq  models.Sequence
	tick bool
	meta models.PacketMeta
}

// logs is what producers have written into each partition.
type logs [][]entry

// write appends n packets of a producer, with a tick to every partition after each `every`
// packets.
func (l logs) write(rnd *rand.Rand, producer uint64, n, every int) {
	numbers := make([]uint64, len(l))
	tick := func(order uint64) {
		for p := range l {
			l[p] = append(l[p], entry{seq: models.Sequence{Producer: producer, Number: numbers[p], Order: order}, tick: true})
		}
	}
	for i := range n {
		p := rnd.IntN(len(l))
		m := models.PacketMeta{TS: models.Timestamp(producer<<32 | uint64(i)), PayloadLen: uint32(i)}
		l[p] = append(l[p], entry{seq: models.Sequence{Producer: producer, Number: numbers[p], Order: uint64(i)}, meta: m})
		numbers[p]++
		if i%every == every-1 {
			tick(uint64(i + 1))
		}
	}
	tick(uint64(n))
}

// disturb repeats some records and moves others a little.
func (l logs) disturb(rnd *rand.Rand) {
	for p := range l {
		var out []entry
		for _, e := range l[p] {
			out = append(out, e)
			if rnd.IntN(10) == 0 {
				out = append(out, out[max(len(out)-30, 0)])
			}
		}
		for i := range out {
			if j := i + rnd.IntN(12); j < len(out) && rnd.IntN(5) == 0 {
				out[i], out[j] = out[j], out[i]
			}
		}
		l[p] = out
	}
}

func (e entry) into(o *Order, p int) {
	if e.tick {
		o.Tick(int32(p), e.seq)
	} else {
		m := e.meta
		o.Add(int32(p), e.seq, &m)
	}
}

// read feeds up to n entries of the partitions in a random interleaving, from the positions in
// at.
func (l logs) read(rnd *rand.Rand, o *Order, at []int, n int) {
	for range n {
		var open []int
		for p := range l {
			if at[p] < len(l[p]) {
				open = append(open, p)
			}
		}
		if len(open) == 0 {
			return
		}
		p := open[rnd.IntN(len(open))]
		l[p][at[p]].into(o, p)
		at[p]++
	}
}

const everything = 1 << 30

func run(t *testing.T, l logs, rnd *rand.Rand) ([]models.Timestamp, *Order) {
	t.Helper()
	var got []models.Timestamp
	o := New(0, 1, int32(len(l)), func(m *models.PacketMeta) { got = append(got, m.TS) })
	l.read(rnd, o, make([]int, len(l)), everything)
	o.Release()
	if o.Held() != 0 {
		t.Errorf("%d packets still wait", o.Held())
	}
	return got, o
}

func inOrder(producer uint64, n int) (want []models.Timestamp) {
	for i := range n {
		want = append(want, models.Timestamp(producer<<32|uint64(i)))
	}
	return want
}

func TestOneProducerInOrder(t *testing.T) {
	for _, partitions := range []int{1, 2, 3, 8} {
		for seed := range uint64(20) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			l := make(logs, partitions)
			l.write(rnd, 7, 3000, 100)
			l.disturb(rnd)
			got, o := run(t, l, rnd)
			if !slices.Equal(got, inOrder(7, 3000)) {
				t.Fatalf("%d partitions, seed %d: %d packets differ from those that were sent", partitions, seed, len(got))
			}
			if c := o.Counts(); c.Duplicates == 0 || c.Missing != 0 || c.Forced != 0 {
				t.Errorf("%d partitions: %+v", partitions, c)
			}
		}
	}
}

// TestSameForEveryReading interleaves two producers: the result is determined by their ticks in
// the first partition, not by the interleaving of reads.
func TestSameForEveryReading(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	l := make(logs, 3)
	for i := range 10 {
		l.write(rnd, uint64(1+i%2)<<8|uint64(i), 200, 40)
	}
	want, _ := run(t, l, rand.New(rand.NewPCG(0, 0)))
	if len(want) != 2000 {
		t.Fatalf("%d packets", len(want))
	}
	for seed := range uint64(50) {
		if got, _ := run(t, l, rand.New(rand.NewPCG(seed, 9))); !slices.Equal(got, want) {
			t.Fatalf("order of reading %d differs", seed)
		}
	}
}

// TestRestoredAnywhere restores a snapshot at any place; the result is the same.
func TestRestoredAnywhere(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		l := make(logs, 1+seed%4)
		l.write(rnd, 7, 800, 60)
		l.disturb(rnd)
		var got []models.Timestamp
		yield := func(m *models.PacketMeta) { got = append(got, m.TS) }
		o, at := New(0, 1, int32(len(l)), yield), make([]int, len(l))
		for range 12 {
			l.read(rnd, o, at, rnd.IntN(120))
			b := o.AppendState(nil)
			again := New(0, 1, int32(len(l)), yield)
			if rest, err := again.Restore(b, StateVersion); err != nil || len(rest) != 0 {
				t.Fatalf("seed %d: %v, %d bytes left", seed, err, len(rest))
			}
			if again.Held() != o.Held() || again.Counts() != o.Counts() {
				t.Fatalf("seed %d: %d waiting of %d, %+v of %+v", seed, again.Held(), o.Held(), again.Counts(), o.Counts())
			}
			o = again
		}
		l.read(rnd, o, at, everything)
		o.Release()
		if !slices.Equal(got, inOrder(7, 800)) {
			t.Fatalf("seed %d: order differs", seed)
		}
	}
}

func TestMissing(t *testing.T) {
	l := make(logs, 1)
	l.write(rand.New(rand.NewPCG(1, 1)), 7, 20000, 1000)
	l[0] = slices.DeleteFunc(l[0], func(e entry) bool { return !e.tick && e.seq.Order >= 100 && e.seq.Order < 107 })
	var got []models.Timestamp
	o := New(0, 1, 1, func(m *models.PacketMeta) { got = append(got, m.TS) })
	for _, e := range l[0] {
		e.into(o, 0)
	}
	if len(got) != 20000-7 || o.Counts().Missing != 7 || o.Held() != 0 {
		t.Errorf("%d packets, %+v, %d wait", len(got), o.Counts(), o.Held())
	}
	if !slices.IsSorted(got) {
		t.Error("packets are not in order")
	}
}

// TestStartMidway: packets before the first offset that is read are not missing.
func TestStartMidway(t *testing.T) {
	l := make(logs, 2)
	l.write(rand.New(rand.NewPCG(1, 1)), 7, 1000, 50)
	var got []models.Timestamp
	o := New(0, 1, 2, func(m *models.PacketMeta) { got = append(got, m.TS) })
	at := []int{len(l[0]) / 2, len(l[1]) / 2}
	o.StartMidway(0)
	o.StartMidway(1)
	l.read(rand.New(rand.NewPCG(2, 2)), o, at, everything)
	if o.Counts().Missing != 0 || o.Held() != 0 || len(got) < 400 {
		t.Errorf("%d packets, %+v, %d wait", len(got), o.Counts(), o.Held())
	}
}

// TestKilledProducer: a producer that was killed between two ticks does not block the others,
// and its packets are not lost.
func TestKilledProducer(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	l := make(logs, 2)
	l.write(rnd, 1, 500, 50)
	l[1] = l[1][:len(l[1])-20] // its last records never came to this partition
	l.write(rnd, 2, 100000, 50)
	byProducer := map[uint64]int{}
	o := New(0, 1, 2, func(m *models.PacketMeta) { byProducer[uint64(m.TS)>>32]++ })
	at := make([]int, 2)
	l.read(rnd, o, at, everything)
	if byProducer[2] < 70000 {
		t.Errorf("only %d packets of the running producer were yielded before the end", byProducer[2])
	}
	o.Release()
	if byProducer[1] < 480 || byProducer[2] != 100000 {
		t.Errorf("%v", byProducer)
	}
	if o.Counts().Forced == 0 {
		t.Error("Counts.Forced is 0, want more")
	}
}

func TestBounded(t *testing.T) {
	yielded := 0
	o := New(0, 1, 2, func(*models.PacketMeta) { yielded++ })
	var m models.PacketMeta
	n := uint64(0)
	for range MaxHeld + 1000 { // no tick ever
		o.Add(1, models.Sequence{Producer: 1, Number: n, Order: n}, &m)
		n++
	}
	if o.Held() > MaxHeld || yielded == 0 {
		t.Errorf("%d waiting, %d yielded", o.Held(), yielded)
	}
	for id := range uint64(3 * maxProducers) {
		o.Add(0, models.Sequence{Producer: id + 10}, &m)
	}
	if len(o.producers) > maxProducers {
		t.Errorf("%d producers are held", len(o.producers))
	}
}

func TestOthersAndUnreadable(t *testing.T) {
	var got []uint32
	o := New(0, 1, 1, func(m *models.PacketMeta) { got = append(got, m.PayloadLen) })
	o.Add(0, models.Sequence{}, &models.PacketMeta{PayloadLen: 100})
	o.Add(0, models.Sequence{Producer: 1, Number: 1}, &models.PacketMeta{PayloadLen: 1})
	o.Add(0, models.Sequence{Producer: 1, Number: 0}, nil) // cannot be read, yet it came
	o.Add(0, models.Sequence{}, &models.PacketMeta{PayloadLen: 101})
	if !slices.Equal(got, []uint32{100, 1, 101}) || o.Held() != 0 {
		t.Errorf("%v, %d wait", got, o.Held())
	}
}

// TestInTurnCostsNothing: a single partition in sequence needs no copies and no allocations.
func TestInTurnCostsNothing(t *testing.T) {
	o := New(0, 1, 1, func(*models.PacketMeta) {})
	m, s := &models.PacketMeta{}, models.Sequence{Producer: 1}
	if n := testing.AllocsPerRun(1000, func() { o.Add(0, s, m); s.Number++ }); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
}

func FuzzRestore(f *testing.F) {
	o := New(0, 2, 4, func(*models.PacketMeta) {})
	f.Add(o.AppendState(nil))
	rnd := rand.New(rand.NewPCG(1, 1))
	l := make(logs, 2)
	l.write(rnd, 7, 40, 7)
	for _, e := range l[0] {
		e.into(o, 0)
	}
	f.Add(o.AppendState(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		o := New(0, 2, 4, func(*models.PacketMeta) {})
		if _, err := o.Restore(b, StateVersion); err != nil {
			return
		}
		o.Add(0, models.Sequence{Producer: 7, Number: 3, Order: 9}, &models.PacketMeta{})
		o.Release()
	})
}
