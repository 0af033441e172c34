package conntrack

import (
	"time"

	"github.com/netlyra/netlyra/memory"
)

// Packets may be slightly out of order. If many packets in a row are far behind, event time
// is set back: another capture began, or a wrong timestamp had set the clock ahead.
const (
	farBehind   = int64(time.Hour)
	manyBehinds = 32
)

// clock advances event time to ts and fires the timers that are due.
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
			t.setBack(ts)
		}
		return
	}
	t.newest, t.behind = ts, 0
	if tickOf(ts) > t.wheel.tick {
		t.wheel.advance(&t.slab, ts, t.fireFn)
	}
}

// setBack sets event time to ts. Connections that lie entirely in the old time end; the
// others get deadlines in the new time.
func (t *Table) setBack(ts int64) {
	t.stats.SetBack++
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
			t.slab.coldOf(ref).reportedAt = ts
			t.rearm(ref, c, ts)
		}
	}
}
