package conntrack

import (
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/memory"
)

// tooLargeJump is how far a SYN or RST may be off before its number is not believed.
const tooLargeJump = 1 << 20

var tcpMachine = memory.TCP()

// seqDelta is a−b in the circle of sequence numbers (RFC 9293 section 3.4).
func seqDelta(a, b uint32) int32 { return int32(a - b) }

// segment is a TCP packet on its way through the machine.
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
	wild      bool // seq is far from the sender's stream, and nothing bears it out
	close     bool // the sender's close is to be accounted for
	finish    bool // and to be told as an orderly one
}

// tcp accounts for a segment sent by role from. It is Zeek's order of things; several
// letters and counts depend on it.
func (t *Table) tcp(ref uint32, c *conn, from int, s *segment) {
	e, peer := &c.end[from], &c.end[1-from]
	c.partialStatus(from, s.flags)
	size := s.len
	if s.flags.Has(models.FlagRST) {
		size = 0
	}
	if s.flags.Has(models.FlagSYN) {
		size++
	}
	if s.flags.Has(models.FlagFIN) {
		size++
	}
	past := s.seq + size

	if !e.open(s, past) {
		s.wild = !t.plausible(ref, c, from, s, past)
	}
	s.rel, s.underflow = e.relative(s.seq, e.lastSeq, e.seqWraps)
	if s.wild && s.flags.Has(models.FlagSYN) {
		s.rel = 0 // a SYN is the beginning, whatever its number
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
	// Not before the states have moved: a gap that shows only as the connection ends
	// is not told.
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

// partialStatus notes a connection whose handshake is not seen from its start.
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

// open sets the sequence numbers that an end starts from, at its first segment and
// where a later SYN shows that the first ones were wrong. It reports whether it did. An
// end that is past its handshake keeps its numbers: see plausible.
func (e *endpoint) open(s *segment, past uint32) bool {
	syn := s.flags.Has(models.FlagSYN)
	switch e.state {
	case memory.TCPInactive:
		if !syn {
			// As though a SYN had been seen, so that relative numbers mean the same; the
			// segment itself shall not look like a repeated one.
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

// relative is seq relative to the start of the end; last and wraps say where the
// stream is. underflow reports a number before the start.
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

// acknowledge notes what a segment acknowledges of the data of role, its peer.
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
	if s.flags.Has(models.FlagRST) || d <= 0 { // the acknowledgement in a RST is not believed
		return
	}
	if s.ack < peer.ackSeq {
		peer.ackWraps++
	}
	peer.ackSeq = s.ack
}

// moveLast moves the highest number that the end sent, and reports a retransmission. A
// RST moves nothing: it carries no data, and its number is often made up.
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

// size is the payload that the end sent, by sequence numbers: the higher of what it
// sent and what was acknowledged, without the numbers of SYN and FIN.
func (c *conn) size(role int) uint64 {
	e, peer := &c.end[role], &c.end[1-role]
	if e.prev == memory.TCPSynSent && e.state == memory.TCPReset && peer.state == memory.TCPInactive && !e.noDataAcked() {
		return 0 // a half-open connection was noticed and aborted
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

// noDataAcked reports that nothing but perhaps the SYN was acknowledged.
func (e *endpoint) noDataAcked() bool {
	acked := uint64(e.ackWraps)<<32 + uint64(e.ackSeq)
	return acked == uint64(e.startSeq) || acked == uint64(e.startSeq)+1
}
