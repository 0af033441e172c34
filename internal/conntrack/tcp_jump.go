package conntrack

import "github.com/netlyra/netlyra/internal/models"

// A sequence or acknowledgement number far from its stream comes from a single packet: a
// stray RST, a FIN or a second SYN-ACK with an unrelated number, or a packet of an older
// connection with the same ports. It changes no count until another packet confirms it: one
// of the peer, or another segment of the same end that continues from there, one of the two
// with data. Then either the capture missed the data between, which counts as in Zeek, or the
// numbers were reset, and counting continues from the previous total.

// Sources of a claimed number.
const (
	bySeq = iota // a segment of the end itself
	byAck        // an acknowledgement of its peer
	bySyn        // a SYN of the end, after the one that began the stream
)

// jump is a number of one end that was claimed once and is not confirmed yet.
type jump struct {
	lo, hi   uint32 // the claiming segment, [lo, hi)
	by       uint8
	data     bool // it has payload
	captured bool // all of which is in the capture
	fin      bool // its last number is that of a FIN
}

// far reports whether n is too far from the stream of an end. A number before the start of
// the stream is far only while the numbers have not wrapped.
func (e *endpoint) far(n uint32) bool {
	if seqDelta(n, e.lastSeq) > tooLargeJump {
		return true
	}
	return e.seqWraps == 0 && seqDelta(n, e.startSeq) < -tooLargeJump && seqDelta(e.lastSeq, e.startSeq) >= 0
}

// plausible reports whether the numbers of a segment by role may be counted. If they confirm
// a jump, it moves the stream there.
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
		e.bits &^= endJump // the stream continues: discard the claim
	}
	return true
}

// claim stores a number far from the stream of role, or moves the stream if the number
// confirms the previous claim. It reports whether it moved the stream.
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

// confirms reports whether j confirms the earlier claim.
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

// jump moves the stream of role to a position that two packets confirm.
func (t *Table) jump(ref uint32, c *conn, role int, j jump) {
	e := &c.end[role]
	ahead := seqDelta(j.hi, e.lastSeq) > 0 || e.lastSeq == e.startSeq+1 // only the ends of more than 2 GB were seen
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

// sawBefore records the payload of the segment that claimed a jump, which is now confirmed.
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

// grounded reports whether more than one packet confirms the initial numbers of the stream
// of role.
func (t *Table) grounded(c *conn, role int) bool {
	e := &c.end[role]
	answered := role == resp && c.seen&(seenSyn<<16) != 0 && c.end[orig].ackSeq != c.end[orig].startSeq
	bit := uint32(seenData)
	if role == resp {
		bit <<= 16
	}
	heard := c.bytes[role] > 1 && c.seen&bit != 0 // data in an unanswered SYN confirms nothing
	return e.ackSeq != e.startSeq || heard || answered
}

// rebase continues the numbers of role at j.lo, n bytes after the start of the stream.
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
