package wire

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// appendString appends s as a JSON string, byte for byte as encoding/json does (HTML
// characters escaped, invalid UTF-8 replaced). Plain ASCII takes one scan.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			b, _ := json.Marshal(s) // a string always encodes
			return append(dst, b...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// appendFloat appends f as encoding/json does: the shortest form that parses to f, with an
// exponent below 1e-6 and from 1e21. NaN and infinities, which JSON cannot represent,
// become 0.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, '0')
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is written e-9
		dst = dst[:n-1]
	}
	return dst
}

// pairs has the decimal text of 00…99, to write two digits at a time.
const pairs = "00010203040506070809" +
	"10111213141516171819" +
	"20212223242526272829" +
	"30313233343536373839" +
	"40414243444546474849" +
	"50515253545556575859" +
	"60616263646566676869" +
	"70717273747576777879" +
	"80818283848586878889" +
	"90919293949596979899"

// appendUint appends n in decimal; it is strconv.AppendUint with short numbers inlined.
func appendUint(dst []byte, n uint64) []byte {
	switch {
	case n < 10:
		return append(dst, '0'+byte(n))
	case n < 100:
		return append(dst, pairs[2*n], pairs[2*n+1])
	case n < 10000:
		h, l := n/100, n%100
		if h < 10 {
			return append(dst, '0'+byte(h), pairs[2*l], pairs[2*l+1])
		}
		return append(dst, pairs[2*h], pairs[2*h+1], pairs[2*l], pairs[2*l+1])
	}
	return strconv.AppendUint(dst, n, 10)
}
