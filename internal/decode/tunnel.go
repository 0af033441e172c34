package decode

import "github.com/netlyra/netlyra/internal/models"

// UDP ports of tunnels (IANA "Service Name and Transport Protocol Port Number Registry").
const (
	portL2TP     = 1701
	portGTPC     = 2123
	portGTPU     = 2152
	portTeredo   = 3544
	portGREUDP   = 4754 // RFC 8086
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portAYIYA    = 5072
	portGeneve   = 6081
	portMPLSUDP  = 6635 // RFC 7510
)

// In all functions here b is the captured part of the tunnel and size the number of bytes on
// the wire. Lengths inside are compared with size, so that a truncated capture is no evidence
// against the tunnel.

// cutOr returns the reason why a tunnel header of n bytes cannot be read: TunnelTruncated if
// that many bytes were on the wire, otherwise why.
func cutOr(b []byte, size, n int, why Reason) Reason {
	if len(b) < n && n <= size {
		return TunnelTruncated
	}
	return why
}

// ipTunnel decodes the payload of IP protocol 4 or 41: the version must match the protocol,
// and the length that of the outer packet.
func (d *Decoder) ipTunnel(proto byte, b []byte, size int) {
	version := byte(4)
	if proto == protoIPv6 {
		version = 6
	}
	if r := fits(b, size, version); r != ok {
		d.events.skipInner(r)
		return
	}
	d.into(models.TunnelIPIP, asIP, b, size)
}

// fits checks that b is an IP packet of exactly size bytes, of the given version, or of any if
// that is 0. It prevents other payloads from being decoded as a tunnel.
func fits(b []byte, size int, version byte) Reason {
	if len(b) < ip4HeaderLen {
		return TruncatedIP
	}
	v := b[0] >> 4
	if v != 4 && v != 6 || version != 0 && v != version {
		return BadIPVersion
	}
	total := int(be16(b[2:]))
	if v == 6 {
		if len(b) < ip6HeaderLen {
			return TruncatedIP
		}
		total = ip6HeaderLen + int(be16(b[4:]))
	}
	if total != size {
		return InnerLengthMismatch
	}
	return ok
}

// udpTunnel decodes b, size bytes on the wire, as the tunnel of the ports of l, or, for the
// two tunnels that use arbitrary ports, as the tunnel that it looks like. If it is neither, the
// datagram stays UDP.
func (d *Decoder) udpTunnel(l *models.Layer, b []byte, size int) {
	port := l.DstPort
	if !isTunnelPort(port) && l.DstPort >= 1024 {
		port = l.SrcPort // a reply; from a server port it would be another protocol
	}
	switch port {
	case portGTPU, portGTPC:
		d.gtp(b, size)
	case portGREUDP:
		d.gre(b, size)
	case portMPLSUDP:
		d.into(models.TunnelMPLS, asMPLS, b, size)
	case portL2TP:
		d.flowTunnel(l, models.TunnelL2TP, b, size)
	case portVXLAN:
		d.flowTunnel(l, models.TunnelVXLAN, b, size)
	case portVXLANGPE:
		d.flowTunnel(l, models.TunnelVXLANGPE, b, size)
	case portGeneve:
		d.flowTunnel(l, models.TunnelGeneve, b, size)
	case portTeredo:
		d.flowTunnel(l, models.TunnelTeredo, b, size)
	case portAYIYA:
		d.flowTunnel(l, models.TunnelAYIYA, b, size)
	default:
		switch {
		case looksTeredo(b):
			d.flowTunnel(l, models.TunnelTeredo, b, size)
		case len(b) > 3 && b[1] == 0x52 && b[2] == 0x11: // 4-byte identity by hash, SHA-1, forward
			d.flowTunnel(l, models.TunnelAYIYA, b, size)
		}
	}
}

// flowTunnel decodes b as a tunnel that uses a whole UDP flow: a datagram that is not part of
// it shows that the flow is something else, and later ones are not decoded as a tunnel.
func (d *Decoder) flowTunnel(l *models.Layer, kind models.TunnelKind, b []byte, size int) {
	if d.refuted.has(l, kind, d.ts) {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	r := ok
	switch kind {
	case models.TunnelVXLAN:
		r = d.vxlan(b, size)
	case models.TunnelVXLANGPE:
		r = d.vxlanGPE(b, size)
	case models.TunnelGeneve:
		r = d.geneve(b, size)
	case models.TunnelTeredo:
		r = d.teredo(b, size)
	case models.TunnelAYIYA:
		r = d.ayiya(b, size)
	case models.TunnelL2TP:
		r = d.l2tp(b, size)
	}
	if r == ok {
		return
	}
	d.events.skipInner(r)
	if r != TunnelTruncated {
		d.refuted.add(l, kind, d.ts)
	}
}

func isTunnelPort(p uint16) bool {
	switch p {
	case portVXLAN, portVXLANGPE, portGeneve, portGTPU, portGTPC, portGREUDP, portMPLSUDP, portTeredo, portAYIYA, portL2TP:
		return true
	}
	return false
}

// vxlan decodes VXLAN (RFC 7348 section 5). As for other tunnels of a flow, it returns a
// reason only if b is not part of the tunnel; a header with no or unknown content is.
func (d *Decoder) vxlan(b []byte, size int) Reason {
	if len(b) < 8 || b[0]&0x08 == 0 {
		return cutOr(b, size, 8, BadTunnelHeader)
	}
	if size > 8 {
		d.into(models.TunnelVXLAN, asEthernet, b[8:], size-8)
	}
	return ok
}

// vxlanGPE decodes VXLAN with a protocol field (draft-ietf-nvo3-vxlan-gpe section 3).
func (d *Decoder) vxlanGPE(b []byte, size int) Reason {
	const instance, protocol = 0x08, 0x04
	const ip4, ip6, ethernet, nsh = 1, 2, 3, 4
	if len(b) < 8 || b[0]&instance == 0 || b[0]&0x30 != 0 {
		return cutOr(b, size, 8, BadTunnelHeader)
	}
	c := asEthernet
	if b[0]&protocol != 0 {
		switch b[3] {
		case ip4:
			c = etherIPv4
		case ip6:
			c = etherIPv6
		case ethernet:
		case nsh:
			c = etherNSH
		default:
			d.events.skipInner(NotIP)
			return ok
		}
	}
	if size > 8 {
		d.into(models.TunnelVXLANGPE, c, b[8:], size-8)
	}
	return ok
}

// geneve decodes Geneve (RFC 8926 section 3.4).
func (d *Decoder) geneve(b []byte, size int) Reason {
	if len(b) < 8 {
		return cutOr(b, size, 8, BadTunnelHeader)
	}
	n := 8 + int(b[0]&0x3f)*4
	switch {
	case b[0]>>6 != 0: // an unknown version is not an error
		d.events.skipInner(BadTunnelHeader)
		return ok
	case n > len(b):
		return cutOr(b, size, n, BadTunnelHeader)
	case n == size:
		return ok
	}
	t := be16(b[2:])
	if t != etherTEB && !knownEtherType(t) {
		d.events.skipInner(NotIP)
		return ok
	}
	d.into(models.TunnelGeneve, contentOf(t), b[n:], size-n)
	return ok
}

// gtp decodes user data of GTP version 1 (3GPP TS 29.281 section 5). GTP is not carried
// in GTP.
func (d *Decoder) gtp(b []byte, size int) {
	const gpdu, version2 = 255, 2
	n := gtpHeaderLen(b)
	switch {
	case n == 0 && len(b) > 0 && b[0]>>5 == version2: // signaling (3GPP TS 29.274)
		return
	case n == 0:
		d.events.skipInner(cutOr(b, size, len(b)+1, BadTunnelHeader))
		return
	case b[1] != gpdu: // signaling
		return
	case d.innermostTunnel() == models.TunnelGTPU:
		d.events.skipInner(BadTunnelHeader)
		return
	}
	if r := fits(b[n:], size-n, 0); r != ok {
		d.events.skipInner(r)
		return
	}
	d.into(models.TunnelGTPU, asIP, b[n:], size-n)
}

// gtpHeaderLen returns the length of a GTP header with its extension headers, 0 if it is not
// version 1.
func gtpHeaderLen(b []byte) int {
	const version1, extended, optional = 0x30, 0x04, 0x07
	if len(b) < 8 || b[0]&0xf0 != version1 {
		return 0
	}
	n := 8
	if b[0]&optional == 0 {
		return n
	}
	if n += 4; n > len(b) {
		return 0
	}
	if b[0]&extended == 0 {
		return n
	}
	for next := b[n-1]; next != 0; next = b[n-1] {
		if n >= len(b) || b[n] == 0 {
			return 0
		}
		if n += int(b[n]) * 4; n > len(b) {
			return 0
		}
	}
	return n
}

// ayiya decodes AYIYA (draft-massar-v6ops-ayiya section 3).
func (d *Decoder) ayiya(b []byte, size int) Reason {
	const forward = 1
	if len(b) < 8 {
		return cutOr(b, size, 8, BadTunnelHeader)
	}
	n := 8 + 1<<(b[0]>>4) + int(b[1]>>4)*4
	if n > len(b) {
		return cutOr(b, size, n, BadTunnelHeader)
	}
	if b[2]&0x0f == forward && n < len(b) && (b[3] == protoIPv4 || b[3] == protoIPv6) {
		d.into(models.TunnelAYIYA, asIP, b[n:], size-n)
	}
	return ok
}

// l2tp decodes a data message of L2TP version 2 (RFC 2661 section 3.1), which carries PPP.
func (d *Decoder) l2tp(b []byte, size int) Reason {
	const control, length, sequence, offset, version = 0x8000, 0x4000, 0x0800, 0x0200, 0x000f
	if len(b) < 6 {
		return cutOr(b, size, 6, BadTunnelHeader)
	}
	flags := be16(b)
	if flags&version != 2 {
		return BadTunnelHeader
	}
	n := 6
	if flags&length != 0 {
		n += 2
	}
	if flags&sequence != 0 {
		n += 4
	}
	if flags&offset != 0 {
		if n += 2; len(b) < n {
			return cutOr(b, size, n, BadTunnelHeader)
		}
		n += int(be16(b[n-2:]))
	}
	switch {
	case n > size:
		return BadTunnelHeader
	case flags&control != 0 || n == size: // no user data
	case n >= len(b):
		return TunnelTruncated
	default:
		d.into(models.TunnelL2TP, asPPP, b[n:], size-n)
	}
	return ok
}

// etherIP decodes EtherIP (RFC 3378): a version of 3 and twelve zero bits, then Ethernet.
func (d *Decoder) etherIP(b []byte, size int) {
	if len(b) < 2 || be16(b) != 0x3000 {
		d.events.skipInner(cutOr(b, size, 2, BadTunnelHeader))
		return
	}
	d.into(models.TunnelEtherIP, asEthernet, b[2:], size-2)
}

// innermostTunnel returns the tunnel of the current layer.
func (d *Decoder) innermostTunnel() models.TunnelKind {
	if d.tunnel == 0 {
		return models.TunnelNone
	}
	return d.tunnel.At(d.tunnel.Len() - 1)
}
