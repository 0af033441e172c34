package conntrack

import (
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/memory"
)

// A connection has one deadline; none of its timers is due earlier. It is checked when a
// later packet of the connection arrives, so that time-outs apply at their exact time, and
// by the wheel, so that silent connections end too. Packets do not update it, except packets
// older than the previous one; when the deadline passes early, it is computed again.

// inactivity returns the inactivity time-out of the connection.
func (t *Table) inactivity(c *conn) int64 {
	switch c.key.Proto {
	case models.ProtoTCP:
		if c.has(flagInteractive) {
			return int64(t.cfg.TCPInteractive)
		}
		if c.has(flagHandshaken) {
			return int64(t.cfg.TCPInactivity)
		}
		return int64(t.cfg.UDPInactivity)
	case models.ProtoUDP:
		return int64(t.cfg.UDPInactivity)
	case models.ProtoICMP, models.ProtoICMPv6:
		return int64(t.cfg.ICMPInactivity)
	}
	return int64(t.cfg.UnknownInactivity)
}

// expired reports whether one of the timers of the connection ended it by now.
func (t *Table) expired(c *conn, now int64) bool {
	if c.last+t.inactivity(c) <= now {
		return true
	}
	if c.dueKind != dueNone && c.dueKind != dueExpire && c.due <= now {
		switch c.dueKind {
		case dueDelete:
			return true
		case dueReset:
			if c.has(flagActive) {
				return true
			}
		case dueAttempt:
			o := c.end[orig].state
			if c.has(flagActive) && (o == memory.TCPSynSent || o == memory.TCPSynAckSent) && c.end[resp].state == memory.TCPInactive {
				return true
			}
		}
		c.dueKind = dueNone
	}
	at, looked := t.sessionTimer(c)
	return looked && at <= now
}

// sessionTimer returns the time at which a session timer ends a half-closed connection
// because of silence; ok is false if none does in the current state.
func (t *Table) sessionTimer(c *conn) (at int64, ok bool) {
	if c.key.Proto != models.ProtoTCP || !c.has(flagActive) || c.has(flagTimersOff) {
		return 0, false
	}
	o, r := &c.end[orig], &c.end[resp]
	inactive := o.state == memory.TCPInactive || r.state == memory.TCPInactive
	switch {
	case o.state == memory.TCPInactive && r.state == memory.TCPInactive:
	case (o.bits|r.bits)&endClosed == 0:
		return 0, false
	case !inactive && o.state != memory.TCPReset && r.state != memory.TCPReset && o.bits&r.bits&endClosed == 0:
		return 0, false
	}
	silent := c.last + int64(t.cfg.TCPLinger)
	at = series(c.first+int64(t.cfg.TCPAttemptDelay), int64(t.cfg.TCPSessionTimer), silent)
	if c.dueKind == dueExpire {
		at = min(at, series(c.due, int64(t.cfg.TCPSessionTimer), silent))
	}
	return at, true
}

// series returns the first of start, start+step, start+2·step, … that is later than after.
func series(start, step, after int64) int64 {
	if after < start {
		return start
	}
	return start + ((after-start)/step+1)*step
}

// rearm computes the deadline and links the connection into the wheel.
func (t *Table) rearm(ref uint32, c *conn, now int64) {
	d := c.last + t.inactivity(c)
	if c.dueKind != dueNone && c.dueKind != dueExpire {
		d = min(d, c.due)
	}
	if at, ok := t.sessionTimer(c); ok {
		d = min(d, at)
	}
	if !t.cfg.EndsOnly && (c.phase == memory.PhaseNew || c.phase == memory.PhaseActive) {
		d = min(d, c.last+int64(t.cfg.IdleAfter))
		if every := int64(t.cfg.UpdateInterval); every > 0 {
			d = min(d, max(t.slab.coldOf(ref).reportedAt, now)+every)
		}
	}
	c.deadline = max(d, now+1)
	t.wheel.unlink(&t.slab, ref)
	t.wheel.link(&t.slab, ref)
}

// fire handles a connection whose deadline has passed and reports whether it ended.
func (t *Table) fire(ref uint32, now int64) (ended bool) {
	c := t.slab.conn(ref)
	if c.deadline > now {
		t.wheel.unlink(&t.slab, ref)
		t.wheel.link(&t.slab, ref)
		return false
	}
	if t.expired(c, now) {
		t.stats.Expired++
		t.end(ref, memory.ConnOnTimeout)
		return true
	}
	if !t.cfg.EndsOnly {
		t.reportTime(ref, c, now)
	}
	t.rearm(ref, c, now)
	return false
}

// reportTime reports a connection that continued or became idle.
func (t *Table) reportTime(ref uint32, c *conn, now int64) {
	if c.last+int64(t.cfg.IdleAfter) <= now {
		if c.setPhase(memory.ConnOnQuiet) {
			t.report(ref, c, EventChanged, now)
		}
		return
	}
	if t.cfg.UpdateInterval > 0 && c.has(flagDirty) && t.slab.coldOf(ref).reportedAt+int64(t.cfg.UpdateInterval) <= now {
		t.report(ref, c, EventUpdate, now)
	}
}

var phases = memory.Connection()

// setPhase applies an event of connection.md to the phase and reports whether it changed.
func (c *conn) setPhase(ev memory.Event) bool {
	next := phases.Next(c.phase, ev)
	changed := next != c.phase
	c.phase = next
	return changed
}

const microsecond = int64(time.Microsecond)
