package models

import "strings"

// TCPFlags are the eight flag bits of byte 13 of a TCP header (RFC 9293 section 3.1).
type TCPFlags uint8

// The flags, with their bits as on the wire.
const (
	FlagFIN TCPFlags = 1 << iota
	FlagSYN
	FlagRST
	FlagPSH
	FlagACK
	FlagURG
	FlagECE
	FlagCWR
)

// alphabetical lists the flags in the order in which they are written.
var alphabetical = [8]struct {
	bit  TCPFlags
	name string
}{
	{FlagACK, "ACK"}, {FlagCWR, "CWR"}, {FlagECE, "ECE"}, {FlagFIN, "FIN"},
	{FlagPSH, "PSH"}, {FlagRST, "RST"}, {FlagSYN, "SYN"}, {FlagURG, "URG"},
}

// flagNames has the text of every combination, so that String never allocates.
var flagNames = func() (n [256]string) {
	for i := range n {
		var set []string
		for _, f := range alphabetical {
			if TCPFlags(i)&f.bit != 0 {
				set = append(set, f.name)
			}
		}
		n[i] = strings.Join(set, ",")
	}
	return n
}()

// String returns the names of the flags that are set, in alphabetical order, joined by
// commas.
func (f TCPFlags) String() string { return flagNames[f] }

// Has reports whether every flag of g is set in f.
func (f TCPFlags) Has(g TCPFlags) bool { return f&g == g }

// ParseTCPFlags parses names joined by commas, in any order; ok is false if one is unknown.
func ParseTCPFlags[T ~string | ~[]byte](s T) (f TCPFlags, ok bool) {
	for i := 0; i < len(s); {
		if len(s)-i < 3 {
			return f, false
		}
		var bit TCPFlags
		for _, a := range alphabetical {
			if s[i] == a.name[0] && s[i+1] == a.name[1] && s[i+2] == a.name[2] {
				bit = a.bit
			}
		}
		if bit == 0 {
			return f, false
		}
		f |= bit
		if i += 3; i < len(s) {
			if s[i] != ',' || i+1 == len(s) {
				return f, false
			}
			i++
		}
	}
	return f, true
}
