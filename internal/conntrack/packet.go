package conntrack

import (
	"cmp"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/memory"
)

var flow = memory.UDP()

// packet processes a packet of a connection, sent by role from.
func (t *Table) packet(ref uint32, c *conn, from int, l *models.Layer, ts int64, known bool) {
	before, last := c.signature(), c.last
	if l.Bad&models.BadTransportChecksum != 0 {
		t.stats.BadChecksum++
	}
	if t.cfg.VerifyChecksums && l.Bad&models.BadTransportChecksum != 0 {
		if l.Proto == models.ProtoTCP || l.Proto == models.ProtoUDP {
			t.scaledLetter(ref, c, 'C', from, badChecksums)
		}
	} else {
		t.transport(ref, c, from, l, ts)
		if len(l.Payload) > 0 && !c.has(flagHeard) && speaks(l) {
			t.listen(ref, c, from, l)
		}
		c.packets[from]++
		c.ipBytes[from] += uint64(l.IPLen)
	}
	c.flags |= flagDirty
	t.live(ref, c, from)
	after := c.signature()
	if known && before == after && c.last >= last { // a late packet moves time-outs forward
		return
	}
	t.rearm(ref, c, max(ts, t.newest))
	switch {
	case t.cfg.EndsOnly:
	case !known:
		t.report(ref, c, EventNew, ts)
	case c.phase != memory.State(before>>56) || t.connState(ref, c) != c.lastState:
		t.report(ref, c, EventChanged, ts)
	}
}

// speaks reports whether the payload of a layer is application data; data with a RST is not
// part of the stream.
func speaks(l *models.Layer) bool {
	return l.Proto == models.ProtoUDP || l.Proto == models.ProtoTCP && !l.Flags.Has(models.FlagRST)
}

// signature combines the fields that events and timers depend on.
func (c *conn) signature() uint64 {
	o, r := &c.end[orig], &c.end[resp]
	flags := c.flags & (flagOrigIsB | flagActive | flagTimersOff | flagHandshaken | flagInteractive)
	return uint64(c.phase)<<56 | uint64(c.dueKind)<<48 | uint64(flags)<<32 |
		uint64(o.state)<<24 | uint64(r.state)<<16 | uint64(o.bits)<<8 | uint64(r.bits)
}

// transport processes a packet by its protocol.
func (t *Table) transport(ref uint32, c *conn, from int, l *models.Layer, ts int64) {
	switch l.Proto {
	case models.ProtoTCP:
		s := segment{
			seq: l.Seq, ack: l.Ack, len: l.PayloadLen, captured: uint32(len(l.Payload)) >= l.PayloadLen,
			flags: l.Flags, window: l.Window, ts: ts,
		}
		t.tcp(ref, c, from, &s)
	case models.ProtoUDP:
		c.last = ts
		t.once(ref, c, seenData, 'D', from)
		c.bytes[from] += uint64(l.PayloadLen)
		c.flowStep(from)
		if c.spokenByWrongRole(from, l.Payload) {
			t.flip(ref, c)
		}
	case models.ProtoICMP, models.ProtoICMPv6:
		c.last = ts
		c.bytes[from] += uint64(l.PayloadLen)
		c.flowStep(from)
	default: // other protocols: only packets are counted
		c.last = ts
		c.flowStep(from)
	}
}

// flowStep advances the state machine of udp.md.
func (c *conn) flowStep(from int) {
	ev := memory.FlowOnRequest
	if from == resp {
		ev = memory.FlowOnResponse
	}
	c.end[orig].state = flow.Next(c.end[orig].state, ev)
}

// live updates the phase and the list of weak connections.
func (t *Table) live(ref uint32, c *conn, from int) {
	if c.packets[from] == 1 && c.packets[1-from] > 0 {
		c.setPhase(memory.ConnOnReply)
	} else if c.phase == memory.PhaseIdle {
		c.setPhase(memory.ConnOnPacket)
	}
	if c.has(flagWeak) && !c.has(flagTimersOff) && c.established() {
		t.strengthen(c)
	}
	if c.has(flagTimersOff) && c.phase != memory.PhaseClosed {
		c.setPhase(memory.ConnOnClose)
		t.weaken(ref, c)
	}
}

// byAge returns the connections in the order of their first packets.
func (t *Table) byAge() []uint32 {
	refs := make([]uint32, 0, t.count)
	for _, p := range t.index.Places {
		if p.Ref != 0 {
			refs = append(refs, p.Ref-1)
		}
	}
	slices.SortFunc(refs, func(a, b uint32) int {
		x, y := t.slab.conn(a), t.slab.conn(b)
		return cmp.Or(cmp.Compare(x.first, y.first), cmp.Compare(x.id, y.id))
	})
	return refs
}
