package guard

import (
	"encoding/binary"
	"hash/crc32"
)

// The header of a record batch (Kafka protocol guide, "Record Batch").
const (
	batchHeader = 61
	atLength    = 8
	atMagic     = 16
	atCRC       = 17
	atAttrs     = 21
	atLastDelta = 23
	atProducer  = 43
	atEpoch     = 51
	atSequence  = 53
	atCount     = 57

	attrCodec         = 0x07
	attrLogAppendTime = 0x08
	attrControl       = 0x20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkBatch reports whether b, the records of one partition in a Produce, can be passed to
// kfake. It checks what kfake does not. kfake reads the records of a batch later, in a search
// by time or in compaction, and panics on wrong lengths there; it panics immediately on a
// producer without an epoch; and a negative count would move the end of the log backwards. It
// does not check what kfake itself refuses, such as a wrong checksum.
func checkBatch(b []byte, limit int, d *decoders) bool {
	if len(b) < batchHeader || b[atMagic] != 2 || int64(int32(binary.BigEndian.Uint32(b[atLength:]))) != int64(len(b)-12) {
		return true // kfake answers CORRUPT_MESSAGE
	}
	attrs := binary.BigEndian.Uint16(b[atAttrs:])
	if attrs&attrControl != 0 {
		return true // kfake answers INVALID_RECORD
	}
	count := int32(binary.BigEndian.Uint32(b[atCount:]))
	last := int32(binary.BigEndian.Uint32(b[atLastDelta:]))
	if count < 1 || last != count-1 || attrs&attrLogAppendTime != 0 { // kfake changes the timestamps of such a batch without its checksum
		return false
	}
	producer := int64(binary.BigEndian.Uint64(b[atProducer:]))
	epoch, sequence := int16(binary.BigEndian.Uint16(b[atEpoch:])), int32(binary.BigEndian.Uint32(b[atSequence:]))
	if producer < -1 || producer >= 0 && (epoch < 0 || sequence < 0) {
		return false
	}
	body := b[batchHeader:]
	if codec := attrs & attrCodec; codec != 0 {
		return d.check(codec, body, count, limit)
	}
	c := cursor{buf: body}
	return c.records(count) && c.atEnd()
}

// refuseBatch marks a batch as a control batch and updates its checksum, so that kfake answers
// INVALID_RECORD, which clients do not retry. It does not change a batch with a wrong checksum,
// for which kfake answers CORRUPT_MESSAGE.
func refuseBatch(b []byte) {
	if crc32.Checksum(b[atAttrs:], castagnoli) != binary.BigEndian.Uint32(b[atCRC:]) {
		return
	}
	b[atAttrs+1] |= attrControl
	binary.BigEndian.PutUint32(b[atCRC:], crc32.Checksum(b[atAttrs:], castagnoli))
}

// cursor reads records from memory or, if more is set, from a stream through a window.
type cursor struct {
	buf  []byte
	at   int
	base int64                         // bytes before buf
	more func() (next []byte, ok bool) // the next window; not ok at the end
	bad  bool
}

func (c *cursor) pos() int64 { return c.base + int64(c.at) }

// fill reads the next window if the current one has been read.
func (c *cursor) fill() bool {
	for c.at == len(c.buf) {
		if c.more == nil {
			return false
		}
		next, ok := c.more()
		if !ok {
			c.more = nil
			return false
		}
		c.base += int64(len(c.buf))
		c.buf, c.at = next, 0
	}
	return true
}

// atEnd reports whether everything has been read.
func (c *cursor) atEnd() bool { return !c.bad && !c.fill() }

func (c *cursor) byte() byte {
	if c.at < len(c.buf) || c.fill() {
		c.at++
		return c.buf[c.at-1]
	}
	c.bad = true
	return 0
}

// varint reads a signed variable-length number of at most size bytes: 5 for 32 bits, 10 for 64.
func (c *cursor) varint(size int) int64 {
	if at := c.at; at+1 < len(c.buf) { // almost all have one or two bytes
		low, high := uint64(c.buf[at]), uint64(c.buf[at+1])
		if low < 0x80 {
			c.at = at + 1
			return int64(low>>1) ^ -int64(low&1)
		}
		if high < 0x80 {
			c.at = at + 2
			n := low&0x7f | high<<7
			return int64(n>>1) ^ -int64(n&1)
		}
	}
	return c.longVarint(size)
}

func (c *cursor) longVarint(size int) int64 {
	var n uint64
	for i := range size {
		b := c.byte()
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			if size == 5 && n > 1<<32-1 {
				break
			}
			return int64(n>>1) ^ -int64(n&1)
		}
	}
	c.bad = true
	return -1
}

func (c *cursor) skip(n int64) {
	if n >= 0 && n <= int64(len(c.buf)-c.at) {
		c.at += int(n)
		return
	}
	for n > 0 && !c.bad {
		if c.at == len(c.buf) && !c.fill() {
			c.bad = true
			return
		}
		step := min(n, int64(len(c.buf)-c.at))
		c.at, n = c.at+int(step), n-step
	}
}

// blob skips bytes and their length, which must be at least least: -1 if null is allowed.
func (c *cursor) blob(least int64) {
	n := c.varint(5)
	if n < least {
		c.bad = true
	}
	c.skip(n)
}

// records skips count records, whose offsets must be 0, 1, … and whose lengths must match their
// content.
func (c *cursor) records(count int32) bool {
	for i := range int64(count) {
		length := c.varint(5)
		end := c.pos() + length
		if length < 0 {
			return false
		}
		c.byte()     // attributes
		c.varint(10) // time
		if c.varint(5) != i {
			return false
		}
		c.blob(-1) // key
		c.blob(-1) // value
		headers := c.varint(5)
		for ; headers > 0 && !c.bad; headers-- {
			c.blob(0)
			c.blob(-1)
		}
		if c.bad || headers < 0 || c.pos() != end {
			return false
		}
	}
	return true
}
