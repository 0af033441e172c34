package decode

import "github.com/netlyra/netlyra/internal/models"

// Flags of a GRE header (RFC 2784, RFC 2890, RFC 2637).
const (
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080
	greReserved = 0x0078
	greVersion  = 0x0007
)

// Protocol types of GRE that are not EtherTypes.
const (
	greERSPAN3 = 0x22eb
	greERSPAN  = 0x88be
)

// gre decodes GRE at b, which had size bytes on the wire: version 0, and version 1 of PPTP.
// Source routes (RFC 1701) are deprecated and not supported.
func (d *Decoder) gre(b []byte, size int) {
	if len(b) < 4 {
		d.events.skipInner(cutOr(b, size, 4, BadTunnelHeader))
		return
	}
	flags, proto := be16(b), be16(b[2:])
	n := greHeaderLen(flags)
	version := flags & greVersion
	if version > 1 || flags&(greRouting|greReserved) != 0 || version == 1 && proto != etherPPP {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	if n >= len(b) {
		d.events.skipInner(cutOr(b, size, n+1, BadTunnelHeader))
		return
	}
	if version == 1 {
		d.into(models.TunnelGRE, asPPP, b[n:], size-n)
		return
	}
	d.greProto(proto, flags&greSequence != 0, b[n:], size-n)
}

// greHeaderLen returns the length of the header with its optional fields.
func greHeaderLen(flags uint16) int {
	n := 4
	for _, f := range [...]uint16{greChecksum, greKey, greSequence, greAck} {
		if flags&f != 0 {
			n += 4
		}
	}
	return n
}

// greProto decodes the payload of version 0.
func (d *Decoder) greProto(proto uint16, sequence bool, b []byte, size int) {
	kind, c, n := models.TunnelGRE, contentOf(proto), 0
	switch {
	case proto == greERSPAN:
		kind, c = models.TunnelERSPAN, asEthernet
		if sequence { // type II; type I has no header
			n = 8
		}
	case proto == greERSPAN3:
		kind, c, n = models.TunnelERSPAN, asEthernet, 12
		if len(b) >= 12 && b[11]&1 != 0 {
			n += 8 // the platform's subheader
		}
	case isAruba(proto):
		c = asWLAN
	}
	if n >= len(b) {
		d.events.skipInner(cutOr(b, size, n+1, BadTunnelHeader))
		return
	}
	d.into(kind, c, b[n:], size-n)
}

// isAruba reports whether proto is one of the numbers by which Aruba access points
// send 802.11 frames.
func isAruba(proto uint16) bool {
	switch {
	case proto == 0x9000:
		return true
	case proto&0xf != 0:
		return false
	}
	return proto >= 0x8200 && proto <= 0x8370
}
