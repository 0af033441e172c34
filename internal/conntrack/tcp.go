package conntrack

import (
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/memory"
)

// tooLargeJump is the distance beyond which the number of a SYN or RST is not trusted.
const tooLargeJump = 1 << 20

var tcpMachine = memory.TCP()

// seqDelta returns a−b modulo 2^32, signed (RFC 9293 section 3.4).
func seqDelta(a, b uint32) int32 { return int32(a - b) }

// segment is a TCP packet while it is processed.
type segment struct {
	seq, ack  uint32
	len       uint32 // payload, by the headers
	captured  bool   // all of the payload is in the capture
	flags     models.TCPFlags
	window    uint16
	ts        int64
	rel       int64 // seq relative to the sender's start
	relAck    uint64
	underflow bool // seq lies before the sender's start
	wild      bool // seq is far from the sender's stream and unconfirmed
	close     bool // the sender's close is to be processed
	finish    bool // as an orderly one
}

// tcp processes a segment sent by role from. The order of the steps is that of Zeek; several
// history letters and counts depend on it.
func (t *Table) tcp(ref uint32, c *conn, from int, s *segment) {
	e, peer := &c.end[from], &c.end[1-from]
	c.partialStatus(from, s.flags)
	size := s.size()
	past := s.seq + size
	if !e.open(s, past) {
		s.wild = !t.plausible(ref, c, from, s, past)
	}
	s.rel, s.underflow = e.relative(s.seq, e.lastSeq, e.seqWraps)
	if s.wild && s.flags.Has(models.FlagSYN) {
		s.rel = 0 // a SYN is the beginning, regardless of its number
	}
	if !s.wild || s.flags&(models.FlagSYN|models.FlagFIN|models.FlagRST) != 0 {
		t.flagLetters(ref, c, from, s)
	}
	if s.window == 0 && !s.flags.Has(models.FlagRST) && peer.state != memory.TCPClosed && e.state != memory.TCPReset {
		t.scaledLetter(ref, c, 'W', from, zeroWindows)
	}
	if e.bits&peer.bits&endClosed == 0 {
		c.last = s.ts
	}
	if s.flags.Has(models.FlagFIN) && !s.wild {
		e.bits |= endFin
		e.finSeq = s.seq + size
	}
	if s.flags.Has(models.FlagRST) {
		e.bits |= endRst
	}
	if s.flags.Has(models.FlagACK) {
		t.acknowledge(ref, c, 1-from, s)
	}
	if !s.wild && e.moveLast(s, past) {
		t.scaledLetter(ref, c, 'T', from, retransmissions)
	}
	from = t.tcpStep(ref, c, from, s)
	// After the state transitions: a gap that appears only as the connection ends is not
	// reported.
	if s.flags.Has(models.FlagACK) {
		t.ackReceived(ref, c, 1-from, s.relAck)
	}
	c.end[from].bits |= endFirst
	if s.len > 0 && !s.flags.Has(models.FlagRST) && !s.underflow && !s.wild {
		at := uint64(s.rel)
		if s.flags.Has(models.FlagSYN) {
			at++
		}
		t.dataSent(ref, c, from, at, s)
	}
	t.checkEOF(ref, c, from)
	if s.close {
		t.closeEnd(ref, c, from, s.finish)
	}
}

// size returns how many sequence numbers the segment takes: its payload, SYN and FIN.
// The payload of a RST is not data of the stream (RFC 9293, section 3.5.2).
func (s *segment) size() uint32 {
	n := s.len
	if s.flags.Has(models.FlagRST) {
		n = 0
	}
	if s.flags.Has(models.FlagSYN) {
		n++
	}
	if s.flags.Has(models.FlagFIN) {
		n++
	}
	return n
}

// partialStatus marks a connection whose handshake was not captured from the start.
func (c *conn) partialStatus(from int, f models.TCPFlags) {
	if c.end[from].bits&endFirst != 0 {
		return
	}
	syn := f.Has(models.FlagSYN)
	switch {
	case from == orig && (!syn || f.Has(models.FlagACK)):
		c.flags |= flagPartial
	case from == orig:
		c.flags &^= flagPartial
	case !c.has(flagPartial) && !syn:
		c.flags |= flagPartial
	}
}

// open sets the initial sequence numbers of an end at its first segment, or when a later SYN
// shows that they were wrong, and reports whether it did. After the handshake an end keeps
// its numbers: see plausible.
func (e *endpoint) open(s *segment, past uint32) bool {
	syn := s.flags.Has(models.FlagSYN)
	switch e.state {
	case memory.TCPInactive:
		if !syn {
			// As if a SYN had been seen, so that relative numbers have the same meaning
			// and the segment itself does not count as a retransmission.
			e.startSeq, e.ackSeq, e.lastSeq = s.seq-1, s.seq-1, s.seq
			return true
		}
	case memory.TCPSynSent, memory.TCPSynAckSent:
		if !syn || s.seq == e.startSeq {
			return false
		}
	case memory.TCPPartial:
		d := seqDelta(s.seq, e.startSeq)
		if !syn || d == 0 || d > tooLargeJump || d < -tooLargeJump {
			return false
		}
	case memory.TCPReset:
		if !syn || e.prev != memory.TCPInactive {
			return false
		}
	default:
		return false
	}
	e.startSeq, e.ackSeq, e.lastSeq = s.seq, s.seq, past
	e.seqWraps, e.ackWraps = 0, 0
	return true
}

// relative returns seq relative to the start of the stream, whose current position is given
// by last and wraps; underflow reports a number before the start.
func (e *endpoint) relative(seq, last uint32, wraps uint16) (rel int64, underflow bool) {
	switch d := seqDelta(seq, last); {
	case d < 0 && wraps > 0 && seq > last:
		wraps--
	case d > 0 && seq < last:
		wraps++
	}
	if wraps == 0 {
		d := seqDelta(seq, e.startSeq)
		return int64(d), d < 0
	}
	return int64(wraps)<<32 + int64(seq) - int64(e.startSeq), false
}

// acknowledge processes the acknowledgement of data of role, the peer of the sender.
func (t *Table) acknowledge(ref uint32, c *conn, role int, s *segment) {
	peer := &c.end[role]
	if peer.state == memory.TCPInactive {
		s.relAck = 1
		peer.startSeq, peer.ackSeq, peer.lastSeq = s.ack-1, s.ack-1, s.ack-1
		return
	}
	if peer.far(s.ack) && (s.flags.Has(models.FlagRST) || !t.claim(ref, c, role, jump{lo: s.ack, hi: s.ack, by: byAck})) {
		return
	}
	rel, underflow := peer.relative(s.ack, peer.ackSeq, peer.ackWraps)
	if underflow {
		return
	}
	s.relAck = uint64(rel)
	d := seqDelta(s.ack, peer.ackSeq)
	if s.flags.Has(models.FlagRST) || d <= 0 { // the acknowledgement in a RST is not trusted
		return
	}
	if s.ack < peer.ackSeq {
		peer.ackWraps++
	}
	peer.ackSeq = s.ack
}

// moveLast updates the highest number that the end sent and reports a retransmission. A RST
// is ignored: it carries no data, and its number is often arbitrary.
func (e *endpoint) moveLast(s *segment, past uint32) (again bool) {
	d := seqDelta(past, e.lastSeq)
	switch {
	case s.flags.Has(models.FlagRST):
	case s.flags.Has(models.FlagSYN) && (d > tooLargeJump || d < -tooLargeJump):
	case e.state != memory.TCPReset && d > 0:
		if past < e.lastSeq {
			e.seqWraps++
		}
		e.lastSeq = past
	case e.state == memory.TCPReset:
	default:
		return s.len > 0
	}
	return false
}

// size returns the payload bytes of an end by sequence numbers: the higher of sent and
// acknowledged, without the numbers of SYN and FIN.
func (c *conn) size(role int) uint64 {
	e, peer := &c.end[role], &c.end[1-role]
	if e.prev == memory.TCPSynSent && e.state == memory.TCPReset && peer.state == memory.TCPInactive && !e.noDataAcked() {
		return 0 // a half-open connection was aborted
	}
	last := uint64(e.seqWraps)<<32 + uint64(e.lastSeq)
	acked := uint64(e.ackWraps)<<32 + uint64(e.ackSeq)
	n := max(last, acked) - uint64(e.startSeq)
	if n != 0 {
		n--
	}
	if e.bits&endFin != 0 && n != 0 {
		n--
	}
	return n
}

// noDataAcked reports whether nothing except perhaps the SYN was acknowledged.
func (e *endpoint) noDataAcked() bool {
	acked := uint64(e.ackWraps)<<32 + uint64(e.ackSeq)
	return acked == uint64(e.startSeq) || acked == uint64(e.startSeq)+1
}
