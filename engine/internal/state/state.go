// Package state encodes and decodes snapshots with one description of the fields for both
// directions: a method of a type lists its fields once, and the Codec either appends them or
// sets them. Numbers are little endian and of fixed width.
//
// Decoding stops at the first error: Err returns it, and all further fields are zero. A Codec
// must not be used by several goroutines at once.
package state

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Codec is a snapshot that is written or read.
type Codec struct {
	b       []byte
	reading bool
	err     error
}

// Writer returns a Codec that appends to dst.
func Writer(dst []byte) *Codec { return &Codec{b: dst} }

// Reader returns a Codec that reads fields from the start of b.
func Reader(b []byte) *Codec { return &Codec{b: b, reading: true} }

// Reading reports whether the Codec reads.
func (c *Codec) Reading() bool { return c.reading }

// Bytes returns what was written, or what is left to read.
func (c *Codec) Bytes() []byte { return c.b }

// SetBytes replaces the bytes, after another encoder appended or read some.
func (c *Codec) SetBytes(b []byte) { c.b = b }

// Err returns the first error.
func (c *Codec) Err() error { return c.err }

// Fail sets the error unless there is one.
func (c *Codec) Fail(err error) {
	if c.err == nil {
		c.err, c.b = err, nil
	}
}

// take returns the next n bytes of a snapshot, zeros if it is too short.
func (c *Codec) take(n int) []byte {
	if len(c.b) < n {
		c.Fail(fmt.Errorf("snapshot: %d bytes left, want %d", len(c.b), n))
		return make([]byte, n)
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

// U64 is a field of eight bytes.
func (c *Codec) U64(v *uint64) {
	if c.reading {
		*v = binary.LittleEndian.Uint64(c.take(8))
		return
	}
	c.b = binary.LittleEndian.AppendUint64(c.b, *v)
}

// U32 is a field of four bytes.
func (c *Codec) U32(v *uint32) {
	if c.reading {
		*v = binary.LittleEndian.Uint32(c.take(4))
		return
	}
	c.b = binary.LittleEndian.AppendUint32(c.b, *v)
}

// U16 is a field of two bytes.
func (c *Codec) U16(v *uint16) {
	if c.reading {
		*v = binary.LittleEndian.Uint16(c.take(2))
		return
	}
	c.b = binary.LittleEndian.AppendUint16(c.b, *v)
}

// U8 is a field of one byte.
func (c *Codec) U8(v *uint8) {
	if c.reading {
		*v = c.take(1)[0]
		return
	}
	c.b = append(c.b, *v)
}

// Bool is a field of one byte.
func (c *Codec) Bool(v *bool) {
	var b uint8
	if *v {
		b = 1
	}
	c.U8(&b)
	*v = b == 1
}

// I64 is a field of eight bytes.
func (c *Codec) I64(v *int64) {
	u := uint64(*v)
	c.U64(&u)
	*v = int64(u)
}

// F64 is a field of eight bytes.
func (c *Codec) F64(v *float64) {
	u := math.Float64bits(*v)
	c.U64(&u)
	*v = math.Float64frombits(u)
}

// F32 is a field of four bytes; reading fails for numbers that are not finite.
func (c *Codec) F32(v *float32) {
	u := math.Float32bits(*v)
	c.U32(&u)
	if *v = math.Float32frombits(u); c.reading && *v-*v != 0 {
		c.Fail(fmt.Errorf("snapshot: %v is not a finite number", *v))
		*v = 0
	}
}

// F32s is a field of len(v) numbers.
func (c *Codec) F32s(v []float32) {
	if c.reading {
		for i := range v {
			c.F32(&v[i])
		}
		return
	}
	at := len(c.b)
	c.b = slices.Grow(c.b, 4*len(v))[:at+4*len(v)]
	for i, x := range v {
		binary.LittleEndian.PutUint32(c.b[at+4*i:], math.Float32bits(x))
	}
}

// Sparse is a field of len(v) words, most of which are 0: for every eight words a byte marks
// those that are not 0, which follow.
func (c *Codec) Sparse(v []uint64) {
	for ; len(v) > 0; v = v[min(8, len(v)):] {
		eight := v[:min(8, len(v))]
		var mask uint8
		for i, x := range eight {
			if x != 0 {
				mask |= 1 << i
			}
		}
		c.U8(&mask)
		for i := range eight {
			if mask&(1<<i) != 0 {
				c.U64(&eight[i])
			} else {
				eight[i] = 0
			}
		}
	}
}

// Len encodes the number of entries that follow and returns it. Reading fails if it is above
// limit; Len returns 0 after an error.
func (c *Codec) Len(n, limit int) int {
	v := uint32(n)
	c.U32(&v)
	if c.err == nil && int64(v) > int64(limit) {
		c.Fail(fmt.Errorf("snapshot: %d entries, want at most %d", v, limit))
	}
	if c.err != nil {
		return 0
	}
	return int(v)
}

// Same writes want. Reading fails if the value is another one; name is for the error.
func (c *Codec) Same(name string, want uint64) {
	v := want
	c.U64(&v)
	if c.err == nil && v != want {
		c.Fail(fmt.Errorf("snapshot: %s is %d, want %d", name, v, want))
	}
}

// Text is a field of bytes with a maximum length.
func (c *Codec) Text(v *[]byte, limit int) {
	n := c.Len(len(*v), limit)
	if c.reading {
		*v = append((*v)[:0], c.take(n)...)
		return
	}
	c.b = append(c.b, *v...)
}
