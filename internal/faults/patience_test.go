package faults

import (
	"testing"
	"time"
)

// Any progress resets the time.
func TestStillness(t *testing.T) {
	begin := time.Unix(1_790_000_000, 0)
	figure, asked := uint64(7), 0
	ask := func() uint64 { asked++; return figure }
	s := stillness{figure: figure, since: begin}
	at := func(d time.Duration) time.Duration { return s.lasts(begin.Add(d), ask) }
	if got := at(80 * time.Second); got != 80*time.Second {
		t.Errorf("no change for %v, want 80 s", got)
	}
	figure = 8
	if got := at(80*time.Second + time.Millisecond); got <= 80*time.Second || asked != 1 {
		t.Errorf("no change for %v one millisecond later, read %d times", got, asked)
	}
	if got := at(89 * time.Second); got != 0 {
		t.Errorf("no change for %v although it changed", got)
	}
	if got := at(100 * time.Second); got != 11*time.Second {
		t.Errorf("no change for %v, want 11 s", got)
	}
	figure = 0 // a restarted process counts from 0
	if got := at(102 * time.Second); got != 0 {
		t.Errorf("no change for %v although it decreased", got)
	}
}
