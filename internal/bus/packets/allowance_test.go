package packets

import (
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/client"
)

func TestAllowance(t *testing.T) {
	g := &pressure{p: &Producer{cfg: client.DefaultConfig()}, retention: 1000}
	g.acknowledged(10, 100) // ten bytes a record
	now, long := time.Now(), time.Now().Add(-time.Hour)
	for name, x := range map[string]struct {
		m          mark
		start, end int64
		members    bool
		want       int64
	}{
		"no consumer":                   {mark{committed: -1, position: -1, moved: now}, 0, 500, false, unlimited},
		"members, nothing committed":    {mark{committed: -1, position: -1, moved: now}, 0, 20, true, 300},
		"committed":                     {mark{committed: 10, position: -1, moved: now}, 0, 20, false, 400},
		"committed long ago, no member": {mark{committed: 10, position: -1, moved: long}, 0, 500, false, unlimited},
		"committed long ago, members":   {mark{committed: 10, position: -1, moved: long}, 0, 60, true, 0},
		"here, just started":            {mark{committed: -1, position: 0, moved: now}, 0, 20, false, 300},
		"here, read but not committed":  {mark{committed: 0, position: 70, moved: now}, 0, 70, false, 100},
		"here, never commits":           {mark{committed: 0, position: 100, moved: long}, 0, 100, false, 500},
		"committed before the log":      {mark{committed: 1, position: -1, moved: now}, 50, 60, false, 400},
	} {
		if got := g.allow(&x.m, x.start, x.end, x.members, 0); got != x.want {
			t.Errorf("%s: %d, want %d", name, got, x.want)
		}
	}
}
