package conntrack

import "github.com/netlyra/netlyra/internal/models"

// Letters that are written once per role: bits of conn.seen, shifted by 16 for the
// responder.
const (
	seenSyn = 1 << iota
	seenFin
	seenRst
	seenInconsistent
	seenData
	seenAck
	seenMultiFlag
	seenLimit = 1 << 10 // of both roles
)

// maxHistory bounds a history; ordinary connections have far fewer letters.
const maxHistory = 255

// letter appends a history letter, lower case for the responder.
func (t *Table) letter(ref uint32, c *conn, ch byte, role int) {
	if role == resp && ch >= 'A' && ch <= 'Z' {
		ch += 'a' - 'A'
	}
	n := int(c.historyN)
	switch {
	case n < historyInline:
		c.history[n] = ch
	case n < maxHistory:
		r := t.rareOf(ref)
		if n == historyInline {
			r.history = append(r.history[:0], c.history[:]...)
		}
		r.history = append(r.history, ch)
	default:
		return
	}
	c.historyN++
}

// once writes a letter the first time and reports whether it had been written before.
func (t *Table) once(ref uint32, c *conn, bit uint32, ch byte, role int) (before bool) {
	if role == resp {
		bit <<= 16
	}
	if c.seen&bit != 0 {
		return true
	}
	c.seen |= bit
	t.letter(ref, c, ch, role)
	return false
}

// scaledLetter counts an occurrence and writes a letter for the 1st, 10th, 100th, …
func (t *Table) scaledLetter(ref uint32, c *conn, ch byte, role, kind int) {
	n := &t.rareOf(ref).counts[kind][role]
	if *n++; powerOfTen(*n) {
		t.letter(ref, c, ch, role)
	}
}

func powerOfTen(n uint32) bool {
	for n >= 10 && n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// flagLetters writes the letters for the flags and payload of a segment. SYN, FIN and RST
// are written again if their sequence number differs from the previous one.
func (t *Table) flagLetters(ref uint32, c *conn, from int, s *segment) {
	last := &c.control[from]
	rel := uint32(s.rel)
	switch s.flags & (models.FlagSYN | models.FlagFIN | models.FlagRST) {
	case 0:
		if s.len > 0 {
			t.once(ref, c, seenData, 'D', from)
		} else if s.flags.Has(models.FlagACK) {
			t.once(ref, c, seenAck, 'A', from)
		}
	case models.FlagSYN:
		ch := byte('S')
		if s.flags.Has(models.FlagACK) {
			ch = 'H'
		}
		t.again(ref, c, seenSyn, ch, from, &last.syn, rel)
	case models.FlagFIN:
		t.again(ref, c, seenFin, 'F', from, &last.fin, rel+s.len)
	case models.FlagRST:
		t.again(ref, c, seenRst, 'R', from, &last.rst, rel)
	case models.FlagFIN | models.FlagRST, models.FlagFIN | models.FlagRST | models.FlagSYN:
		t.once(ref, c, seenInconsistent, 'I', from)
	default:
		t.once(ref, c, seenMultiFlag, 'Q', from)
	}
}

func (t *Table) again(ref uint32, c *conn, bit uint32, ch byte, role int, last *uint32, rel uint32) {
	if t.once(ref, c, bit, ch, role) && rel != *last {
		t.letter(ref, c, ch, role)
	}
	*last = rel
}

// historyOf returns the history as text.
func (t *Table) historyOf(ref uint32, c *conn) string {
	if c.historyN <= historyInline {
		return string(c.history[:c.historyN])
	}
	return string(t.rareOf(ref).history)
}
