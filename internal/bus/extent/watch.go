package extent

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Held is a partition in which a transaction that has not ended holds readers back.
type Held struct {
	Key
	Offset int64         // last stable offset: where the transaction began
	Behind int64         // offsets behind it that cannot be read, its own included
	For    time.Duration // since it was first seen; 0 = not known
}

// String says it to a person.
func (h Held) String() string {
	s := fmt.Sprintf("an open transaction holds back the readers of %s/%d at offset %d", h.Topic, h.Partition, h.Offset)
	if h.For > 0 {
		s += fmt.Sprintf(", for %s now", h.For.Round(time.Second))
	}
	return s + fmt.Sprintf("; %d offsets from there on cannot be read", h.Behind)
}

// HeldBy is the partitions of spans in which a transaction is open, by name.
func HeldBy(spans map[Key]Span) []Held {
	var all []Held
	for k, s := range spans {
		if s.Open() {
			all = append(all, Held{Key: k, Offset: s.End, Behind: s.High - s.End})
		}
	}
	slices.SortFunc(all, byName)
	return all
}

func byName(a, b Held) int {
	return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
}

// Watch remembers since when transactions have been open.
type Watch struct{ open map[Key]seen }

type seen struct {
	held  Held
	since time.Time
}

// Observe takes the spans of some partitions as they are at a time; of others it changes
// nothing.
func (w *Watch) Observe(now time.Time, spans map[Key]Span) {
	if w.open == nil {
		w.open = map[Key]seen{}
	}
	for k, s := range spans {
		if !s.Open() {
			delete(w.open, k)
		}
	}
	for _, h := range HeldBy(spans) {
		s, known := w.open[h.Key]
		if !known || s.held.Offset != h.Offset { // another transaction
			s.since = now
		}
		s.held = h
		w.open[h.Key] = s
	}
}

// Forget lets go of a topic that is not observed any more.
func (w *Watch) Forget(topic string) {
	for k := range w.open {
		if k.Topic == topic {
			delete(w.open, k)
		}
	}
}

// Longer is the partitions that the same transaction has held back for at least that
// long, by name.
func (w *Watch) Longer(now time.Time, long time.Duration) []Held {
	var all []Held
	for _, s := range w.open {
		if h := s.held; now.Sub(s.since) >= long {
			h.For = now.Sub(s.since)
			all = append(all, h)
		}
	}
	slices.SortFunc(all, byName)
	return all
}
