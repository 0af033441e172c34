package models

import "strings"

// TunnelKind names one encapsulation of IP in something else. Zero is none.
type TunnelKind uint8

// The encapsulations that package decode follows.
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

// String is the name used in JSON, "" for TunnelNone.
func (k TunnelKind) String() string {
	if k < tunnelKinds {
		return tunnelNames[k]
	}
	return ""
}

// Valid reports whether k is an encapsulation of this package, TunnelNone excepted.
func (k TunnelKind) Valid() bool { return k > TunnelNone && k < tunnelKinds }

// MaxTunnels is how many encapsulations one frame may nest.
const MaxTunnels = 7

// TunnelPath is the encapsulations around a packet, outermost first: one
// TunnelKind a byte, the outermost in the lowest byte. Zero is no tunnel.
type TunnelPath uint64

// Push adds k as the innermost; past MaxTunnels the path stays as it is and ok is false.
func (p TunnelPath) Push(k TunnelKind) (q TunnelPath, ok bool) {
	n := p.Len()
	if n >= MaxTunnels {
		return p, false
	}
	return p | TunnelPath(k)<<(8*n), true
}

// Len is the number of encapsulations.
func (p TunnelPath) Len() (n int) {
	for ; p != 0; p >>= 8 {
		n++
	}
	return n
}

// At is the i-th encapsulation, 0 being the outermost.
func (p TunnelPath) At(i int) TunnelKind { return TunnelKind(p >> (8 * i)) }

// String is the names joined by commas, outermost first.
func (p TunnelPath) String() string {
	var s []string
	for i := range p.Len() {
		s = append(s, p.At(i).String())
	}
	return strings.Join(s, ",")
}

// ParseTunnelKind reads what String writes.
func ParseTunnelKind[T ~string | ~[]byte](s T) (TunnelKind, bool) {
	for k := TunnelIPIP; k < tunnelKinds; k++ {
		if string(s) == tunnelNames[k] {
			return k, true
		}
	}
	return TunnelNone, false
}
