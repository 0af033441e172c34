package models

// MAC is a link-layer address of 48 bits (IEEE 802). The zero value means unknown or none.
type MAC [6]byte

// IsZero reports whether m is the zero value.
func (m MAC) IsZero() bool { return m == MAC{} }

const hexDigits = "0123456789abcdef"

// AppendTo appends the text of m, six lower-case bytes with colons: 02:00:5e:10:00:01.
func (m MAC) AppendTo(dst []byte) []byte {
	const x = hexDigits
	return append(dst, x[m[0]>>4], x[m[0]&15], ':', x[m[1]>>4], x[m[1]&15], ':', x[m[2]>>4], x[m[2]&15], ':',
		x[m[3]>>4], x[m[3]&15], ':', x[m[4]>>4], x[m[4]&15], ':', x[m[5]>>4], x[m[5]&15])
}

// String returns the text that AppendTo appends.
func (m MAC) String() string { return string(m.AppendTo(make([]byte, 0, macLen))) }

const macLen = len("02:00:5e:10:00:01")

// ParseMAC parses the text that AppendTo appends; digits may be in upper case. It does not
// allocate.
func ParseMAC[T ~string | ~[]byte](s T) (m MAC, ok bool) {
	if len(s) != macLen {
		return m, false
	}
	for i := range m {
		high, low := hexValue(s[3*i]), hexValue(s[3*i+1])
		if high|low > 15 || i > 0 && s[3*i-1] != ':' {
			return MAC{}, false
		}
		m[i] = high<<4 | low
	}
	return m, true
}

// hexValue returns the value of a hexadecimal digit, or 255.
func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
