package names

import (
	"bytes"
	"fmt"

	"github.com/netlyra/netlyra/internal/models"
)

// Mode is what is recorded of a name.
type Mode uint8

// The modes.
const (
	Hashed Mode = iota // hashes and measurements
	Full               // the text too
	Off                // nothing
)

// Parse parses a mode: hashed, full or off.
func Parse(s string) (Mode, error) {
	switch s {
	case "hashed":
		return Hashed, nil
	case "full":
		return Full, nil
	case "off":
		return Off, nil
	}
	return Off, fmt.Errorf("names %q: want full, hashed or off", s)
}

// MaxLen is the maximum length of a name in bytes; further ones are ignored.
const MaxLen = 255

// Describe sets the fields of f that depend on the name. A final dot is ignored, and letters
// count as lower case. It does nothing if m is Off; callers then leave f without a kind.
func (m Mode) Describe(f *models.NameFacts, name []byte) {
	if n := len(name); n > 0 && name[n-1] == '.' {
		name = name[:n-1]
	}
	if len(name) == 0 || m == Off {
		return
	}
	var low [MaxLen]byte
	b := low[:copy(low[:], name)]
	f.Labels = 1
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			b[i] = c + 'a' - 'A'
		case c == '.':
			f.Labels++
		}
	}
	domain := registered(b)
	f.Len, f.DomainLen = uint8(len(b)), uint8(len(domain))
	f.Hash, f.Domain = Hash(b), Hash(domain)
	f.Entropy = entropy(b[:len(b)-len(domain)])
	if m == Full {
		f.Text = text(b)
	}
}

// Hash returns the 64-bit FNV-1a hash of s.
func Hash[T ~string | ~[]byte](s T) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}

// text returns b with the characters that no host name has, other than printable ASCII,
// replaced: it is shown to people and logged.
func text(b []byte) string {
	for i, c := range b {
		if c <= ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}

// registered returns the registered domain of a lower-case name, the whole name if that has
// no more labels or is an IPv4 address.
func registered(b []byte) []byte {
	top := bytes.LastIndexByte(b, '.')
	if top < 0 || numeric(b[top+1:]) {
		return b
	}
	second := bytes.LastIndexByte(b[:top], '.')
	if second < 0 {
		return b
	}
	if len(b)-top-1 == 2 && isReserved(b[second+1:top]) {
		if second = bytes.LastIndexByte(b[:second], '.'); second < 0 {
			return b
		}
	}
	return b[second+1:]
}

func numeric(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// isReserved reports whether a second-level label of a country's domain is one under which
// names are registered.
func isReserved(label []byte) bool {
	switch string(label) {
	case "ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "ltd", "mil", "ne", "net", "nhs", "or", "org", "plc", "sch":
		return true
	}
	return false
}
