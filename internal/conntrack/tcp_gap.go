package conntrack

import "github.com/netlyra/netlyra/memory"

// Gap detection. Only positions of a stream are stored: conn.bytes is the relative number up
// to which all data was seen, and segments beyond a gap are intervals in the rare record. An
// acknowledgement of data that was never seen is a gap.

// Limits, as in Zeek. Beyond them gaps of a stream are no longer detected.
const (
	maxAboveHole = 16 << 10 // bytes beyond a gap while nothing at all is acknowledged
	maxUnacked   = 10 << 20 // bytes that wait for an acknowledgement
	maxIntervals = 64       // intervals that wait in one direction
)

// interval is segments of a stream, [from, to) in relative numbers.
type interval struct{ from, to uint64 }

// dataSent records payload at relative number at.
func (t *Table) dataSent(ref uint32, c *conn, role int, at uint64, s *segment) {
	e := &c.end[role]
	if !s.captured || e.bits&endSkip != 0 {
		return
	}
	to := at + uint64(s.len)
	acked := uint64(e.ackWraps)<<32 + uint64(e.ackSeq) - uint64(e.startSeq)
	if at < acked {
		if to <= acked {
			return
		}
		at = acked
	}
	edge := &c.bytes[role]
	trim := e.trimmed(*edge)
	if to <= trim {
		return
	}
	at = max(at, trim)
	if at > *edge {
		t.storeBeyondGap(ref, c, role, interval{at, to})
	} else if to > *edge {
		*edge = to
		if e.bits&endBlocks != 0 {
			*edge = t.joined(ref, c, role, *edge)
		}
		if e.noDataAcked() && c.size(role) > maxAboveHole {
			e.trimSeq = uint32(*edge) // acknowledgements are not captured: do not wait for them
		}
	}
	t.checkExcess(ref, c, role)
}

// trimmed returns the relative number up to which data is no longer tracked.
func (e *endpoint) trimmed(edge uint64) uint64 {
	return edge - uint64(int64(seqDelta(uint32(edge), e.trimSeq)))
}

// checkExcess stops gap detection of a stream with too much pending data.
func (t *Table) checkExcess(ref uint32, c *conn, role int) {
	e := &c.end[role]
	edge := c.bytes[role]
	var above, held uint64
	if e.bits&endBlocks != 0 {
		list := t.rareOf(ref).aside[role]
		above = list[len(list)-1].to - edge
		for _, iv := range list {
			held += iv.to - iv.from
		}
	}
	if trim := e.trimmed(edge); edge > trim {
		held += edge - trim
	}
	if above > maxAboveHole && e.noDataAcked() || held > maxUnacked {
		t.clearAside(ref, c, role)
		e.trimSeq = uint32(edge)
		e.bits |= endSkip
	}
}

// ackReceived processes an acknowledgement of the data of role before number up.
func (t *Table) ackReceived(ref uint32, c *conn, role int, up uint64) {
	e := &c.end[role]
	edge := &c.bytes[role]
	if up == 0 {
		return // the acknowledgement was not trusted
	}
	if e.bits&endFin != 0 {
		if past := seqDelta(uint32(up), e.finSeq-e.startSeq); past >= 0 {
			up -= min(uint64(past)+1, up)
		}
	}
	if trim := e.trimmed(*edge); up <= trim {
		return
	}
	if up > *edge {
		t.undelivered(ref, c, role, up)
	}
	if e.bits&endBlocks != 0 {
		*edge = t.joined(ref, c, role, *edge)
	}
	e.trimSeq = uint32(up)
	t.checkEOF(ref, c, role)
}

// undelivered counts data before up that was acknowledged and never seen.
func (t *Table) undelivered(ref uint32, c *conn, role int, up uint64) {
	e := &c.end[role]
	edge := &c.bytes[role]
	if up <= 2 && c.has(flagPartial) {
		return // the number before the first byte was assumed
	}
	if e.bits&endSkip == 0 {
		for e.bits&endBlocks != 0 {
			list := t.rareOf(ref).aside[role]
			if list[0].from >= up {
				break
			}
			t.gap(ref, c, role, list[0].from-*edge)
			*edge = t.joined(ref, c, role, list[0].from)
		}
		if up > *edge {
			t.gap(ref, c, role, up-*edge)
		}
	}
	*edge = max(*edge, up)
}

// gap counts missed bytes if both ends are or were established. In other states a RST or a
// missed start would create false gaps.
func (t *Table) gap(ref uint32, c *conn, role int, n uint64) {
	if !c.end[orig].orderly() || !c.end[resp].orderly() {
		return
	}
	t.scaledLetter(ref, c, 'G', role, gaps)
	t.rareOf(ref).missed += n
}

func (e *endpoint) orderly() bool {
	return e.state == memory.TCPEstablished || e.state == memory.TCPClosed && e.prev == memory.TCPEstablished
}

// dataPending reports whether a closing end has sent data that was not seen yet, or has not
// acknowledged all data of its peer.
func (t *Table) dataPending(ref uint32, c *conn, role int) bool {
	e, peer := &c.end[role], &c.end[1-role]
	if e.bits&endSkip != 0 {
		return false
	}
	seen := uint64(e.startSeq) + c.bytes[role]
	last := uint64(e.seqWraps)<<32 + uint64(e.lastSeq)
	if last < seen {
		return false
	}
	if seen != last-1 && seen != last {
		return true
	}
	return e.state != memory.TCPReset && t.holdsData(c, 1-role, peer)
}

// holdsData reports whether an end sent data that was not acknowledged yet.
func (t *Table) holdsData(c *conn, role int, e *endpoint) bool {
	return e.bits&endBlocks != 0 || c.bytes[role] > e.trimmed(c.bytes[role])
}

// checkEOF resumes a deferred close once all data of an end was seen.
func (t *Table) checkEOF(ref uint32, c *conn, role int) {
	e := &c.end[role]
	ended := e.bits&endFin != 0 || e.state == memory.TCPClosed || e.state == memory.TCPReset
	if e.bits&endEOF != 0 || !ended || t.dataPending(ref, c, role) {
		return
	}
	e.bits |= endEOF
	if c.has(flagCloseDeferred) {
		t.closeEnd(ref, c, role, c.has(flagGenDeferred))
		c.flags &^= flagCloseDeferred
	}
}
