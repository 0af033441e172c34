package conntrack

import (
	"time"

	"github.com/netlyra/netlyra/memory"
)

// Packets may be out of order by a little. When many in a row are far behind, the clock
// has been put back: another capture began, or one wrong timestamp had moved it ahead.
const (
	farBehind   = int64(time.Hour)
	manyBehinds = 32
)

// clock moves event time forward and works off what became due.
func (t *Table) clock(ts int64) {
	switch {
	case ts >= t.newest:
	case ts > t.newest-farBehind:
		t.stats.Late++
		t.behind = 0
		return
	default:
		t.stats.Late++
		if t.behind++; t.behind >= manyBehinds {
			t.putBack(ts)
		}
		return
	}
	t.newest, t.behind = ts, 0
	if tickOf(ts) > t.wheel.tick {
		t.wheel.advance(&t.slab, ts, t.fireFn)
	}
}

// putBack sets event time to ts. Connections whose packets are all of the time before
// end; the others get deadlines of the new time.
func (t *Table) putBack(ts int64) {
	t.stats.PutBack++
	t.behind = 0
	refs := t.byAge()
	for _, ref := range refs {
		t.wheel.unlink(&t.slab, ref)
	}
	t.newest, t.wheel.tick = ts, tickOf(ts)
	for _, ref := range refs {
		if c := t.slab.conn(ref); c.last > ts+farBehind {
			t.end(ref, memory.ConnOnFinish)
		} else {
			t.slab.coldOf(ref).told = ts
			t.rearm(ref, c, ts)
		}
	}
}
