package extent

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestSpanOf checks that the offsets of a Span are ordered, whatever the three answers were.
func TestSpanOf(t *testing.T) {
	for _, tt := range []struct {
		start, end, high int64
		want             Span
	}{
		{0, 0, 0, Span{0, 0, 0}},
		{3, 7, 9, Span{3, 7, 9}},
		{5, 3, 4, Span{5, 5, 5}}, // records were removed after the end was listed
		{0, 9, 7, Span{0, 7, 7}}, // records were written after the high watermark was listed
	} {
		if got := spanOf(tt.start, tt.end, tt.high); got != tt.want {
			t.Errorf("spanOf(%d, %d, %d) = %+v, want %+v", tt.start, tt.end, tt.high, got, tt.want)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		start, end, high := r.Int64N(20), r.Int64N(20), r.Int64N(20)
		if s := spanOf(start, end, high); s.Start != start || s.End < s.Start || s.High < s.End {
			t.Fatalf("spanOf(%d, %d, %d) = %+v", start, end, high, s)
		}
	}
}

func TestStepTo(t *testing.T) {
	for _, tt := range []struct {
		name                string
		next, offset, start int64
		want                Step
	}{
		{"next record", 5, 5, 0, Step{}},
		{"marker", 5, 6, 0, Step{Gap: 1}},
		{"retention removed all up to the record", 5, 9, 9, Step{Removed: 4}},
		{"retention, then a marker", 5, 9, 8, Step{Removed: 3, Gap: 1}},
		{"start after the record", 5, 9, 12, Step{Removed: 4}},
		{"start unknown", 5, 9, -1, Step{Gap: 4}},
		{"record again", 5, 4, 0, Step{Back: true}},
		{"truncated", 50, 0, 0, Step{Back: true}},
	} {
		if got := StepTo(tt.next, tt.offset, tt.start); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// TestStepToAccountsForEveryOffset checks that each offset before a record is either a gap or
// removed, and that only offsets before the start of the log are removed.
func TestStepToAccountsForEveryOffset(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 5000 {
		next, offset, start := r.Int64N(30), r.Int64N(30), r.Int64N(32)-1
		s := StepTo(next, offset, start)
		if s.Back {
			if offset >= next || s.Gap != 0 || s.Removed != 0 {
				t.Fatalf("StepTo(%d, %d, %d) = %+v", next, offset, start, s)
			}
			continue
		}
		var removed int64
		for o := next; o < offset; o++ {
			if o < start {
				removed++
			}
		}
		if s.Removed != removed || s.Gap != offset-next-removed {
			t.Fatalf("StepTo(%d, %d, %d) = %+v, want %d removed", next, offset, start, s, removed)
		}
	}
}

func TestHeldBy(t *testing.T) {
	spans := map[Key]Span{
		{"b", 0}: {0, 4, 9}, {"a", 2}: {0, 1, 2}, {"a", 10}: {3, 3, 4}, {"c", 0}: {0, 5, 5},
	}
	want := []Held{
		{Key: Key{"a", 2}, Offset: 1, Behind: 1}, {Key: Key{"a", 10}, Offset: 3, Behind: 1}, {Key: Key{"b", 0}, Offset: 4, Behind: 5},
	}
	got := HeldBy(spans)
	if len(got) != len(want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

// TestWatch checks since when a transaction is reported: a transaction that follows another at
// a higher offset is a new one, a topic that was not observed keeps its state.
func TestWatch(t *testing.T) {
	var w Watch
	now := time.Date(2026, 1, 29, 12, 0, 0, 0, time.UTC)
	k, other := Key{"a", 0}, Key{"b", 0}
	observe := func(after time.Duration, spans map[Key]Span) {
		now = now.Add(after)
		w.Observe(now, spans)
	}
	want := func(name string, long time.Duration, keys ...Key) {
		t.Helper()
		got := w.Longer(now, long)
		if len(got) != len(keys) {
			t.Fatalf("%s: %+v, want %v", name, got, keys)
		}
		for i := range keys {
			if got[i].Key != keys[i] || got[i].For < long {
				t.Errorf("%s: %+v, want %v for at least %s", name, got[i], keys[i], long)
			}
		}
	}
	observe(0, map[Key]Span{k: {0, 5, 9}, other: {0, 1, 2}})
	want("first observation", 0, k, other)
	want("first observation", time.Second)
	observe(10*time.Second, map[Key]Span{k: {0, 5, 20}})
	want("other topic not observed", 10*time.Second, k, other)
	observe(10*time.Second, map[Key]Span{k: {0, 12, 20}})
	want("another transaction", 10*time.Second, other)
	want("another transaction", 0, k, other)
	w.Forget("b")
	want("topic forgotten", 0, k)
	observe(time.Second, map[Key]Span{k: {0, 20, 20}})
	want("transaction ended", 0)
}
