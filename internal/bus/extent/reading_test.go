package extent

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
)

// fakeLog is a partition of which some offsets have no record and a prefix may be removed.
type fakeLog struct {
	record []bool // by offset
	start  int64
}

func randomLog(r *rand.Rand) *fakeLog {
	l := &fakeLog{record: make([]bool, 1+r.IntN(60))}
	density := r.IntN(5)
	for i := range l.record {
		l.record[i] = r.IntN(4) < density
	}
	return l
}

// next returns the first record at or after an offset; ok is false if there is none.
func (l *fakeLog) next(from int64) (offset int64, ok bool) {
	for o := max(from, l.start); o < int64(len(l.record)); o++ {
		if l.record[o] {
			return o, true
		}
	}
	return int64(len(l.record)), false
}

func (l *fakeLog) answer(_ context.Context, _ Key, from int64) (Answer, error) {
	offset, ok := l.next(from)
	return Answer{Next: offset, Record: ok, Start: l.start}, nil
}

// TestReading reads random logs with gaps while retention removes records. Every record that
// is not removed must be taken once and in order, every offset must be accounted for, and the
// read must end at its end.
func TestReading(t *testing.T) {
	k := Key{"t", 0}
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		l := randomLog(r)
		from := r.Int64N(int64(len(l.record)))
		end := from + r.Int64N(int64(len(l.record))-from+1)
		read := NewReading()
		read.Add(k, from, end)
		if read.Done() != (from == end) {
			t.Fatalf("seed %d: from %d to %d: done %v", seed, from, end, read.Done())
		}
		var taken, gaps, removed int64
		position, last := from, from-1
		for steps := 0; !read.Done(); steps++ {
			if steps > 200 {
				t.Fatalf("seed %d: the read of %d…%d does not end; left %v", seed, from, end, read.Left())
			}
			if r.IntN(10) == 0 {
				l.start = min(int64(len(l.record)), l.start+r.Int64N(8))
			}
			offset, ok := l.next(position)
			if !ok || r.IntN(6) == 0 { // no records arrive, or they take long
				n, err := read.Settle(t.Context(), l.answer)
				if err != nil {
					t.Fatal(err)
				}
				removed += n
				continue
			}
			position = offset + 1
			s, wanted := read.Take(k, offset, l.start)
			switch {
			case wanted != (offset < end):
				t.Fatalf("seed %d: record %d of %d…%d: wanted %v", seed, offset, from, end, wanted)
			case wanted && offset <= last:
				t.Fatalf("seed %d: record %d after record %d", seed, offset, last)
			case wanted:
				taken, gaps, removed, last = taken+1, gaps+s.Gap, removed+s.Removed, offset
			}
		}
		if sum := taken + gaps + removed; sum > end-from {
			t.Fatalf("seed %d: %d taken, %d gaps and %d removed of %d offsets", seed, taken, gaps, removed, end-from)
		}
		for o := max(from, l.start); o < end; o++ { // these were never removed
			if l.record[o] && o > last {
				t.Fatalf("seed %d: the read of %d…%d ended at %d, but record %d remains", seed, from, end, last, o)
			}
		}
	}
}

// TestReadingTakesEachRecordOnce delivers records again and out of range, as after a fetch was
// repeated.
func TestReadingTakesEachRecordOnce(t *testing.T) {
	k := Key{"t", 1}
	read := NewReading()
	read.Add(k, 10, 14)
	for _, tt := range []struct {
		offset int64
		wanted bool
		next   int64
	}{{9, false, 10}, {10, true, 11}, {10, false, 11}, {12, true, 13}, {11, false, 13}} {
		if _, wanted := read.Take(k, tt.offset, 0); wanted != tt.wanted {
			t.Errorf("record %d: wanted %v", tt.offset, wanted)
		}
		if got := read.Left()[k]; got != tt.next {
			t.Errorf("after record %d the position is %d, want %d", tt.offset, got, tt.next)
		}
	}
	if _, wanted := read.Take(Key{"t", 2}, 12, 0); wanted {
		t.Error("a record of another partition is wanted")
	}
	if _, wanted := read.Take(k, 20, 0); wanted || !read.Done() {
		t.Errorf("record after the end: wanted %v, done %v", wanted, read.Done())
	}
}

// TestSettleErrors checks that an unknown answer does not end the read.
func TestSettleErrors(t *testing.T) {
	k, unknown := Key{"t", 0}, errors.New("unknown")
	read := NewReading()
	read.Add(k, 0, 5)
	fail := func(context.Context, Key, int64) (Answer, error) { return Answer{}, unknown }
	if _, err := read.Settle(t.Context(), fail); !errors.Is(err, unknown) || !read.Has(k) {
		t.Errorf("error %v, unfinished %v", err, read.Has(k))
	}
	part := func(_ context.Context, _ Key, from int64) (Answer, error) { return Answer{Next: from + 2}, nil }
	calls := 0
	for ; !read.Done(); calls++ {
		if n, err := read.Settle(t.Context(), part); n != 0 || err != nil {
			t.Fatalf("%d removed, %v", n, err)
		}
	}
	if calls != 3 {
		t.Errorf("settled after %d calls, want 3: each covers two offsets", calls)
	}
}

// TestSettleCountsRemoved checks that offsets that retention removed are counted once.
func TestSettleCountsRemoved(t *testing.T) {
	k := Key{"t", 0}
	read := NewReading()
	read.Add(k, 2, 8)
	emptied := func(context.Context, Key, int64) (Answer, error) { return Answer{Next: 9, Start: 6}, nil }
	if n, err := read.Settle(t.Context(), emptied); n != 4 || err != nil {
		t.Errorf("%d removed, %v; want 4", n, err)
	}
	if n, err := read.Settle(t.Context(), emptied); n != 0 || err != nil || !read.Done() {
		t.Errorf("second call: %d removed, %v", n, err)
	}
}
