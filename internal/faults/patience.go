package faults

import "time"

// patience is the time without progress after which a test fails. With progress there is no
// limit, because the speed of the machine is not tested.
const patience = 90 * time.Second

// await polls until cond holds, and fails after patience without progress.
func (r *Rig) await(what string, cond func() bool) {
	r.T.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	still := stillness{figure: r.moved(), since: time.Now()}
	for ; !cond(); <-tick.C {
		if still.lasts(time.Now(), r.moved) > patience {
			r.T.Fatalf("%s: not reached, and no progress for %v", what, patience)
		}
	}
}

// moved returns a number that changes with every processed packet or row; 0 while the API is
// unreachable.
func (r *Rig) moved() uint64 {
	s, err := r.Stats()
	if err != nil {
		return 0
	}
	n := s.Packets + s.Alerts + s.Connections
	for _, p := range s.Partitions {
		n += p.Packets
	}
	return n
}

// stillness measures the time since a number last changed.
type stillness struct {
	figure       uint64
	since, asked time.Time
}

// lasts returns that time; the number is read once per second.
func (s *stillness) lasts(now time.Time, figure func() uint64) time.Duration {
	if now.Sub(s.asked) < time.Second {
		return now.Sub(s.since)
	}
	s.asked = now
	if n := figure(); n != s.figure {
		s.figure, s.since = n, now
	}
	return now.Sub(s.since)
}
