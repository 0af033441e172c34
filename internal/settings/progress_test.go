package settings

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

type views struct{ seen []Progress }

func (v *views) Show(p Progress) { v.seen = append(v.seen, p) }

func TestWatchShowsUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v views
		n := uint64(0)
		stop := Watch(&v, func() Progress { n++; return Progress{Packets: n} })
		<-time.After(2*progressEvery + progressEvery/2)
		stop()
		if want := []Progress{{Packets: 1}, {Packets: 2}, {Packets: 3}}; !slices.Equal(v.seen, want) {
			t.Errorf("got %v, want two on the way and one at the end", v.seen)
		}
	})
	Watch(nil, nil)()
}
