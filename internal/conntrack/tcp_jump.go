package conntrack

import "github.com/netlyra/netlyra/internal/models"

// A sequence or acknowledgement number that lies far from what was seen of a stream is
// one packet's word: a stray RST, a FIN or a second SYN-ACK with a number of its own, a
// packet of an older connection with the same ports. It moves no count until another
// packet bears it out: one of the peer's, or another segment of the same end that goes
// on from there, one of both with data. Then either the capture missed what lies
// between, which counts as in Zeek, or the numbers began anew, and counting goes on
// from what it had.

// Who claims a number.
const (
	bySeq = iota // a segment of the end itself
	byAck        // an acknowledgement of its peer
	bySyn        // a SYN of the end, after the one that began the stream
)

// jump is a number of one end that was claimed once and not borne out yet.
type jump struct {
	lo, hi   uint32 // the claiming segment, [lo, hi)
	by       uint8
	data     bool // it has payload
	captured bool // all of which is in the capture
	fin      bool // its last number is that of a FIN
}

// far reports a number that the stream of an end does not lead to. A number before the
// stream's beginning is far only while the numbers have not gone round.
func (e *endpoint) far(n uint32) bool {
	if seqDelta(n, e.lastSeq) > tooLargeJump {
		return true
	}
	return e.seqWraps == 0 && seqDelta(n, e.startSeq) < -tooLargeJump && seqDelta(e.lastSeq, e.startSeq) >= 0
}

// plausible reports whether the numbers of a segment by role may be counted. Where they
// bear out a jump, the stream has been moved there.
func (t *Table) plausible(ref uint32, c *conn, role int, s *segment, past uint32) bool {
	e := &c.end[role]
	switch {
	case s.flags.Has(models.FlagSYN):
		if s.seq == e.startSeq {
			return true
		}
		t.claim(ref, c, role, jump{lo: past, hi: past, by: bySyn})
		return false
	case s.flags.Has(models.FlagRST):
		return !e.far(past)
	case e.far(past):
		return t.claim(ref, c, role, jump{s.seq, past, bySeq, s.len > 0, s.captured, s.flags.Has(models.FlagFIN)})
	}
	if e.bits&endJump != 0 && s.len > 0 && seqDelta(past, e.lastSeq) > 0 {
		e.bits &^= endJump // the stream goes on as it was
	}
	return true
}

// claim notes a number far from the stream of role, or moves the stream where that
// bears out the one before. It reports whether it did.
func (t *Table) claim(ref uint32, c *conn, role int, j jump) bool {
	e := &c.end[role]
	known := &t.rareOf(ref).jumps[role]
	if e.bits&endJump != 0 && j.confirms(known) {
		e.bits &^= endJump
		t.jump(ref, c, role, *known)
		return true
	}
	*known = j
	e.bits |= endJump
	return false
}

// confirms reports whether j bears out what was claimed before.
func (j *jump) confirms(before *jump) bool {
	d := seqDelta(j.hi, before.hi)
	switch {
	case j.by == bySyn || d > tooLargeJump || d < -tooLargeJump:
		return false
	case j.by != before.by:
		return true
	case j.by == byAck:
		return d > 0
	}
	again := j.lo == before.lo && j.hi == before.hi
	return d >= 0 && !again && (j.data || before.data)
}

// jump moves the stream of role to where two packets say that it is.
func (t *Table) jump(ref uint32, c *conn, role int, j jump) {
	e := &c.end[role]
	ahead := seqDelta(j.hi, e.lastSeq) > 0 || e.lastSeq == e.startSeq+1 // of more than 2 GB only the ends were seen
	switch {
	case !t.grounded(c, role):
		t.rebase(ref, c, role, j, 0)
	case j.by == bySyn || !ahead:
		t.rebase(ref, c, role, j, c.size(role))
	default:
		if j.hi < e.lastSeq {
			e.seqWraps++
		}
		e.lastSeq = j.hi
		t.sawBefore(ref, c, role, j)
	}
	if j.fin {
		e.bits |= endFin
		e.finSeq = j.hi
	}
}

// sawBefore notes the payload of the segment that claimed a jump, now that it counts.
func (t *Table) sawBefore(ref uint32, c *conn, role int, j jump) {
	e := &c.end[role]
	n := j.hi - j.lo
	if j.fin {
		n--
	}
	if at, underflow := e.relative(j.lo, e.lastSeq, e.seqWraps); j.data && !underflow {
		t.dataSent(ref, c, role, uint64(at), &segment{len: n, captured: j.captured})
	}
}

// grounded reports that more than one packet speaks for the numbers that the stream of
// role began with.
func (t *Table) grounded(c *conn, role int) bool {
	e := &c.end[role]
	answered := role == resp && c.seen&(seenSyn<<16) != 0 && c.end[orig].ackSeq != c.end[orig].startSeq
	bit := uint32(seenData)
	if role == resp {
		bit <<= 16
	}
	heard := c.bytes[role] > 1 && c.seen&bit != 0 // data in a SYN that nobody answered is the SYN's own word
	return e.ackSeq != e.startSeq || heard || answered
}

// rebase lets the numbers of role go on at j.lo, n bytes after the stream's beginning.
func (t *Table) rebase(ref uint32, c *conn, role int, j jump, n uint64) {
	e := &c.end[role]
	t.clearAside(ref, c, role)
	e.startSeq = j.lo - 1 - uint32(n)
	wraps := uint16((uint64(e.startSeq) + n + 1) >> 32)
	e.lastSeq, e.seqWraps = j.lo, wraps
	e.ackSeq, e.ackWraps = j.lo, wraps
	e.bits &^= endFin
	edge := n + 1
	if j.data && j.captured {
		edge += uint64(j.hi - j.lo)
	}
	c.bytes[role], e.trimSeq = edge, uint32(n+1)
	if seqDelta(j.hi, j.lo) > 0 {
		if j.hi < e.lastSeq {
			e.seqWraps++
		}
		e.lastSeq = j.hi
	}
}
