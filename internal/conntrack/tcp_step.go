package conntrack

import (
	"github.com/netlyra/netlyra/internal/conntrack/tuple"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/memory"
)

// handshaking reports whether s is a state before the end of the handshake.
func handshaking(s memory.State) bool {
	return s == memory.TCPInactive || s == memory.TCPSynSent || s == memory.TCPSynAckSent
}

// move applies event ev to the state machine of one end.
func (c *conn) move(role int, ev memory.Event) {
	e := &c.end[role]
	next := tcpMachine.Next(e.state, ev)
	if next == e.state {
		return
	}
	if handshaking(e.state) && !handshaking(next) && handshaking(c.end[1-role].state) {
		c.flags |= flagHandshaken
	}
	e.prev, e.state = e.state, next
}

// tcpStep translates a segment into events for the state machines of both ends. It returns
// the role of the sender, which may have changed.
func (t *Table) tcpStep(ref uint32, c *conn, from int, s *segment) int {
	switch c.end[from].state {
	case memory.TCPInactive:
		return t.stepInactive(ref, c, from, s)
	case memory.TCPSynSent, memory.TCPSynAckSent:
		t.stepHandshake(c, from, s)
	case memory.TCPEstablished, memory.TCPPartial:
		t.stepOpen(c, from, s)
	case memory.TCPClosed:
		// After both ends have closed, a RST changes nothing.
		if s.flags.Has(models.FlagRST) && c.end[1-from].state != memory.TCPClosed {
			c.move(from, memory.TCPOnAbort)
			s.close = c.end[from].bits&endClosed == 0
			c.setDue(dueReset, s.ts+int64(t.cfg.TCPResetDelay))
		}
	}
	return from
}

// stepInactive processes the first segment of an end.
func (t *Table) stepInactive(ref uint32, c *conn, from int, s *segment) int {
	syn, ack := s.flags.Has(models.FlagSYN), s.flags.Has(models.FlagACK)
	switch {
	case syn && from == orig && ack:
		c.move(orig, memory.TCPOnSynAck)
		c.setDue(dueAttempt, s.ts+int64(t.cfg.TCPAttemptDelay))
	case syn && from == orig:
		c.move(orig, memory.TCPOnSyn)
		c.setDue(dueAttempt, s.ts+int64(t.cfg.TCPAttemptDelay))
	case syn:
		from = t.stepAnswer(ref, c, s)
	}
	peer := 1 - from
	if s.flags.Has(models.FlagFIN) {
		c.move(from, memory.TCPOnFin)
		s.close, s.finish = true, true
	}
	if s.flags.Has(models.FlagRST) {
		p := c.end[peer].state
		c.move(from, memory.TCPOnRst)
		s.close = true
		// A RST in answer to a SYN, or to a SYN-ACK whose SYN was not seen, is a rejection.
		rejects := from == orig && p == memory.TCPEstablished ||
			from == resp && (p == memory.TCPSynSent || p == memory.TCPSynAckSent)
		s.finish = !rejects
	}
	if c.end[from].state != memory.TCPInactive {
		return from
	}
	switch {
	case from == resp && s.len == 0 && c.end[orig].state == memory.TCPSynSent:
		// Some hosts acknowledge a SYN before they reply to it.
	case ack && c.end[peer].state == memory.TCPEstablished:
		c.move(from, memory.TCPOnAck)
		c.flags &^= flagPartial
	default:
		c.move(from, memory.TCPOnMidstream)
	}
	return from
}

// stepAnswer processes the first SYN of the responder. It returns the role of the sender: if
// the capture has SYN and SYN-ACK in reverse order, the roles are corrected.
func (t *Table) stepAnswer(ref uint32, c *conn, s *segment) (from int) {
	from = resp
	if !s.flags.Has(models.FlagACK) && c.end[orig].state == memory.TCPSynAckSent && s.seq == c.end[resp].startSeq {
		c.flags &^= flagPartial
		t.flip(ref, c)
		from = orig
		c.move(resp, memory.TCPOnReversed)
	}
	if c.end[1-from].state == memory.TCPSynSent {
		c.move(1-from, memory.TCPOnAnswered)
	}
	c.move(from, memory.TCPOnReply)
	if c.end[1-from].state != memory.TCPPartial && interactive(c.servicePort()) {
		c.flags |= flagInteractive
	}
	return from
}

// interactive reports whether port is that of an interactive service, which may be silent for
// long: FTP, SSH, Telnet, rlogin.
func interactive(port uint16) bool { return port == 21 || port == 22 || port == 23 || port == 513 }

// servicePort returns the responder's port, or the originator's if its SYN was not seen and
// only that is a server port.
func (c *conn) servicePort() uint16 {
	o, r := c.origPort(), c.respPort()
	if c.end[orig].state == memory.TCPInactive && tuple.TCPServers.Has(o) && !tuple.TCPServers.Has(r) {
		return o
	}
	return r
}

// stepHandshake processes a further segment of the end that sent the SYN.
func (t *Table) stepHandshake(c *conn, from int, s *segment) {
	if s.flags.Has(models.FlagFIN) {
		c.move(from, memory.TCPOnFin)
		s.close, s.finish = true, true
	}
	if s.flags.Has(models.FlagRST) {
		c.move(from, memory.TCPOnRst)
		c.flags &^= flagActive
		s.close = true
	}
}

// stepOpen processes a segment of an end that is established or partial.
func (t *Table) stepOpen(c *conn, from int, s *segment) {
	e, peer := &c.end[from], &c.end[1-from]
	if s.flags.Has(models.FlagSYN) && !s.flags.Has(models.FlagACK) && e.state == memory.TCPPartial && peer.state == memory.TCPInactive {
		c.move(from, memory.TCPOnLateSyn)
	}
	if s.flags.Has(models.FlagFIN) && !s.flags.Has(models.FlagRST) {
		c.move(from, memory.TCPOnFin)
		if peer.state == memory.TCPReset && peer.prev == memory.TCPClosed {
			c.move(1-from, memory.TCPOnForgive)
		}
		s.close, s.finish = true, true
	}
	if s.flags.Has(models.FlagRST) {
		c.move(from, memory.TCPOnRst)
		s.close = true
		if peer.state != memory.TCPReset || peer.prev != memory.TCPEstablished {
			c.flags &^= flagActive
		}
	}
}

// closeEnd processes the close of one end, after all data that it sent was seen.
func (t *Table) closeEnd(ref uint32, c *conn, role int, finish bool) {
	e, peer := &c.end[role], &c.end[1-role]
	if t.dataPending(ref, c, role) {
		c.flags |= flagCloseDeferred
		if finish {
			c.flags |= flagGenDeferred
		}
		return
	}
	c.flags &^= flagCloseDeferred
	if e.bits&endClosed != 0 {
		return
	}
	e.bits |= endClosed
	if e.state != memory.TCPReset && peer.bits&endClosed == 0 && peer.state != memory.TCPInactive {
		if e.prev != memory.TCPInactive {
			c.setDue(dueExpire, c.last+int64(t.cfg.TCPSessionTimer))
		}
		return
	}
	if e.prev != memory.TCPInactive || peer.state != memory.TCPInactive {
		if c.has(flagGenDeferred) {
			finish = true
			c.flags &^= flagGenDeferred
		}
		if finish {
			c.flags &^= flagActive
		}
	}
	c.flags |= flagTimersOff
	c.setDue(dueDelete, c.last+int64(t.cfg.TCPCloseDelay))
}

// setDue sets the special timer of the connection. A pending removal after both ends closed
// is never replaced.
func (c *conn) setDue(kind uint8, at int64) {
	if c.dueKind != dueDelete {
		c.dueKind, c.due = kind, at
		c.deadline = min(c.deadline, at)
	}
}
