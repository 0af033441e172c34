package decode

import "sync/atomic"

// Stats counts what happened beside packets and reasons.
type Stats struct {
	Datagrams uint64            // IP datagrams put together from fragments
	Fragments uint64            // fragments that waited
	Overlaps  uint64            // fragments that repeat bytes of another
	Conflicts uint64            // overlaps whose bytes differ; the first ones seen are kept
	Expired   uint64            // datagrams given up after the time-out
	Evicted   uint64            // datagrams given up for want of memory
	InnerSkip map[Reason]uint64 // tunnels whose inside was not decoded
}

// events are the counters behind Stats: rare ones, so that atomics cost nothing that
// counts, and other goroutines may read them.
type events struct {
	datagrams, fragments, overlaps, conflicts, expired, evicted atomic.Uint64
	inner                                                       [reasons]atomic.Uint64
}

func (e *events) skipInner(r Reason) { e.inner[r].Add(1) }

// Stats is a copy of the counters. It may be called from any goroutine.
func (d *Decoder) Stats() Stats {
	e := &d.events
	s := Stats{
		Datagrams: e.datagrams.Load(), Fragments: e.fragments.Load(),
		Overlaps: e.overlaps.Load(), Conflicts: e.conflicts.Load(),
		Expired: e.expired.Load(), Evicted: e.evicted.Load(),
		InnerSkip: map[Reason]uint64{},
	}
	for r := range e.inner {
		if n := e.inner[r].Load(); n > 0 {
			s.InnerSkip[Reason(r)] = n
		}
	}
	return s
}
