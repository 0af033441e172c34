package pcapfile

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
)

// Options of an interface block that matter here (draft-ietf-opsawg-pcapng, 4.2).
const (
	optEnd      = 0
	optIfName   = 2
	optTSResol  = 9
	optTSOffset = 14
)

// maxIfaceName is the maximum length of an interface name; longer names are truncated.
const maxIfaceName = 256

// ngIface is an interface of a pcapng section. A timestamp t of it is
// t × mul ÷ div nanoseconds, or t × 10⁹ ÷ 2^shift where shift is set, after offset.
type ngIface struct {
	name     string
	link     models.LinkType
	snap     uint32
	mul, div uint64
	shift    uint // 0 if the resolution is a power of ten
	binary   bool
	offset   int64 // nanoseconds
}

// options parses the options of the block, which begin at b. An option that exceeds b ends
// the list.
func (i *ngIface) options(b []byte, u16 func([]byte) uint16, swap bool) {
	i.resolution(6)
	for len(b) >= 4 {
		code, n := u16(b), int(u16(b[2:]))
		b = b[4:]
		if code == optEnd || n > len(b) {
			return
		}
		switch v := b[:n]; {
		case code == optIfName:
			i.name = strings.ToValidUTF8(strings.TrimRight(string(v[:min(n, maxIfaceName)]), "\x00"), "")
		case code == optTSResol && n == 1:
			i.resolution(v[0])
		case code == optTSOffset && n == 8:
			s := binary.LittleEndian.Uint64(v)
			if swap {
				s = bits.ReverseBytes64(s)
			}
			i.offset = saturate(int64(s))
		}
		b = b[min((n+3)&^3, len(b)):]
	}
}

// resolution sets how long a unit of time is: 10^-v s, or with the highest bit set 2^-v s.
func (i *ngIface) resolution(v byte) {
	i.mul, i.div, i.shift, i.binary = 1, 1, 0, false
	switch n := uint(v & 0x7f); {
	case v&0x80 != 0:
		i.binary, i.shift = true, n
	case n <= 9:
		i.mul = pow10(9 - n)
	case n-9 <= 19:
		i.div = pow10(n - 9)
	default:
		i.mul = 0 // 2^64 of these units are less than a nanosecond
	}
}

func pow10(n uint) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}

// timestamp converts t. Values beyond 64 bits of nanoseconds are saturated.
func (i *ngIface) timestamp(t uint64) models.Timestamp {
	var hi, lo uint64
	switch {
	case i.binary:
		hi, lo = bits.Mul64(t, 1e9)
		if i.shift >= 64 {
			hi, lo = 0, hi>>(i.shift-64)
		} else {
			hi, lo = hi>>i.shift, lo>>i.shift|hi<<(64-i.shift)
		}
	case i.div != 1:
		lo = t / i.div
	default:
		hi, lo = bits.Mul64(t, i.mul)
	}
	if hi != 0 || lo > math.MaxInt64 {
		lo = math.MaxInt64
	}
	return models.Timestamp(addSaturated(int64(lo), i.offset))
}

// saturate returns s seconds in nanoseconds, saturated.
func saturate(s int64) int64 {
	const second = 1_000_000_000
	if s > math.MaxInt64/second {
		return math.MaxInt64
	}
	if s < math.MinInt64/second {
		return math.MinInt64
	}
	return s * second
}

// addSaturated returns a+b for a ≥ 0, saturated.
func addSaturated(a, b int64) int64 {
	if b > 0 && a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
