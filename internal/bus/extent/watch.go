package extent

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Held is a partition in which an open transaction holds consumers back.
type Held struct {
	Key
	Offset int64         // last stable offset: the first of the transaction
	Behind int64         // offsets from there on that cannot be read
	For    time.Duration // since it was first observed; 0: unknown
}

// String returns a text for people.
func (h Held) String() string {
	s := fmt.Sprintf("an open transaction holds back consumers of %s/%d at offset %d", h.Topic, h.Partition, h.Offset)
	if h.For > 0 {
		s += fmt.Sprintf(" since %s ago", h.For.Round(time.Second))
	}
	return s + fmt.Sprintf("; %d offsets from there on cannot be read", h.Behind)
}

// HeldBy returns the partitions of spans with an open transaction, sorted.
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

// Watch records since when transactions have been open.
type Watch struct{ open map[Key]seen }

type seen struct {
	held  Held
	since time.Time
}

// Observe updates the partitions of spans; other partitions remain as they are.
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

// Forget removes a topic that is no longer observed.
func (w *Watch) Forget(topic string) {
	for k := range w.open {
		if k.Topic == topic {
			delete(w.open, k)
		}
	}
}

// Longer returns the partitions that one transaction has held back for at least long,
// sorted.
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
