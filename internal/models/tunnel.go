package models

import "strings"

// TunnelKind is one kind of encapsulation. Zero is none.
type TunnelKind uint8

// The encapsulations that package decode decodes.
const (
	TunnelNone TunnelKind = iota
	TunnelIPIP            // RFC 2003, RFC 2473, 6in4 (RFC 4213)
	TunnelGRE             // RFC 2784, with the PPTP variant of RFC 2637
	TunnelERSPAN
	TunnelVXLAN  // RFC 7348
	TunnelGeneve // RFC 8926
	TunnelGTPU   // 3GPP TS 29.281
	TunnelTeredo // RFC 4380
	TunnelAYIYA
	TunnelL2TP     // RFC 2661
	TunnelVXLANGPE // draft-ietf-nvo3-vxlan-gpe
	TunnelEtherIP  // RFC 3378
	TunnelMPLS     // in IP (RFC 4023) or UDP (RFC 7510)
	tunnelKinds
)

var tunnelNames = [tunnelKinds]string{"", "IP", "GRE", "ERSPAN", "VXLAN", "Geneve", "GTPv1", "Teredo", "AYIYA", "L2TP", "VXLAN-GPE", "EtherIP", "MPLS"}

// String returns the name used in JSON, "" for TunnelNone.
func (k TunnelKind) String() string {
	if k < tunnelKinds {
		return tunnelNames[k]
	}
	return ""
}

// Valid reports whether k is an encapsulation of this package, TunnelNone excepted.
func (k TunnelKind) Valid() bool { return k > TunnelNone && k < tunnelKinds }

// MaxTunnels is the maximum number of nested encapsulations in one frame.
const MaxTunnels = 7

// TunnelPath is the encapsulations around a packet, outermost first: one
// TunnelKind a byte, the outermost in the lowest byte. Zero is no tunnel.
type TunnelPath uint64

// Push returns p with k added as the innermost. If p has MaxTunnels already, it returns p
// and false.
func (p TunnelPath) Push(k TunnelKind) (q TunnelPath, ok bool) {
	n := p.Len()
	if n >= MaxTunnels {
		return p, false
	}
	return p | TunnelPath(k)<<(8*n), true
}

// Len returns the number of encapsulations.
func (p TunnelPath) Len() (n int) {
	for ; p != 0; p >>= 8 {
		n++
	}
	return n
}

// At returns the i-th encapsulation; 0 is the outermost.
func (p TunnelPath) At(i int) TunnelKind { return TunnelKind(p >> (8 * i)) }

// String returns the names joined by commas, outermost first.
func (p TunnelPath) String() string {
	var s []string
	for i := range p.Len() {
		s = append(s, p.At(i).String())
	}
	return strings.Join(s, ",")
}

// ParseTunnelKind parses a name that String returns.
func ParseTunnelKind[T ~string | ~[]byte](s T) (TunnelKind, bool) {
	for k := TunnelIPIP; k < tunnelKinds; k++ {
		if string(s) == tunnelNames[k] {
			return k, true
		}
	}
	return TunnelNone, false
}
