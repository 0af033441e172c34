package faults

import "time"

// patience is how long a NetLyra may stand still before a test gives it up. While it
// gets on it may take as long as it likes: how fast a machine is, is not what is tested.
const patience = 90 * time.Second

// await polls until cond holds, and gives up when nothing has moved for patience.
func (r *Rig) await(what string, cond func() bool) {
	r.T.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	still := stillness{figure: r.moved(), since: time.Now()}
	for ; !cond(); <-tick.C {
		if still.lasts(time.Now(), r.moved) > patience {
			r.T.Fatalf("%s: not yet, and nothing has moved for %v", what, patience)
		}
	}
}

// moved is a figure that changes whenever packets or rows get on. While nobody answers
// it is 0.
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

// stillness is since when a figure has not changed.
type stillness struct {
	figure       uint64
	since, asked time.Time
}

// lasts is for how long; the figure is asked for once a second.
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
