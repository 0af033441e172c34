package decode

import "sync/atomic"

// Stats counts events of reassembly and tunnels. The caller counts packets and reasons.
type Stats struct {
	Datagrams uint64            // IP datagrams reassembled from fragments
	Fragments uint64            // fragments that waited for others
	Overlaps  uint64            // fragments that overlap another
	Conflicts uint64            // overlaps with different bytes; the first bytes seen are kept
	Expired   uint64            // incomplete datagrams dropped after the time-out
	Evicted   uint64            // incomplete datagrams dropped because of the limits
	InnerSkip map[Reason]uint64 // tunnels whose content was not decoded
}

// events are the counters of Stats. They are rare, so atomics do not matter, and other
// goroutines may read them.
type events struct {
	datagrams, fragments, overlaps, conflicts, expired, evicted atomic.Uint64
	inner                                                       [reasons]atomic.Uint64
}

func (e *events) skipInner(r Reason) { e.inner[r].Add(1) }

// Stats returns the counters. Safe for concurrent use.
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
