package app

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netlyra/netlyra/internal/capture"
)

type views struct{ seen []Progress }

func (v *views) Show(p Progress) { v.seen = append(v.seen, p) }

func TestWatchShowsUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v views
		n := uint64(0)
		stop := watch(&v, func() Progress { n++; return Progress{Packets: n} })
		<-time.After(2*progressEvery + progressEvery/2)
		stop()
		if want := []Progress{{Packets: 1}, {Packets: 2}, {Packets: 3}}; !slices.Equal(v.seen, want) {
			t.Errorf("got %v, want two on the way and one at the end", v.seen)
		}
	})
	watch(nil, nil)()
}

type halfRead struct{ capture.Source }

func (halfRead) Progress() (done, total int64) { return 50, 100 }

func TestProgressOfWrappedSources(t *testing.T) {
	for _, c := range []struct {
		src  capture.Source
		want int64
	}{
		{halfRead{}, 100},
		{&rebased{Source: halfRead{}}, 100},
		{&looped{src: halfRead{}}, 0}, // it has no end
		{&rebased{Source: &looped{src: halfRead{}}}, 0},
	} {
		if _, total := bytesRead(c.src)(); total != c.want {
			t.Errorf("%T: total %d, want %d", c.src, total, c.want)
		}
	}
}
