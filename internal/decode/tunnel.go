package decode

import "github.com/netlyra/netlyra/internal/models"

// UDP ports of tunnels (IANA "Service Name and Transport Protocol Port Number Registry").
const (
	portGTPC   = 2123
	portGTPU   = 2152
	portTeredo = 3544
	portGREUDP = 4754 // RFC 8086
	portVXLAN  = 4789
	portAYIYA  = 5072
	portGeneve = 6081
)

// ipTunnel decodes what an IP packet carries under protocol 4 or 41: the version has to
// agree with the number, and the length with what was captured.
func (d *Decoder) ipTunnel(proto byte, b []byte) {
	version := byte(4)
	if proto == protoIPv6 {
		version = 6
	}
	if r := fits(b, version); r != ok {
		d.events.skipInner(r)
		return
	}
	d.into(models.TunnelIPIP, models.LinkRaw, b, len(b))
}

// fits checks that b is an IP packet of exactly that length, of the given version or,
// where that is 0, of either. It keeps what is only like a tunnel from being read as
// one; what the capture cut cannot be told from it, and is left alone as in Zeek.
func fits(b []byte, version byte) Reason {
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
	if total != len(b) {
		return InnerLengthMismatch
	}
	return ok
}

// udpTunnel decodes b, size bytes on the wire, as what the ports of l promise or, for
// the two tunnels that wander over ports, as what it looks like. Where it is not that,
// nothing happens: the datagram stays UDP.
func (d *Decoder) udpTunnel(l *models.Layer, b []byte, size int) {
	port := l.DstPort
	if !isTunnelPort(port) && l.DstPort >= 1024 {
		port = l.SrcPort // an answer; from a server's port it would be another protocol's
	}
	switch port {
	case portGTPU, portGTPC:
		d.gtp(b)
	case portGREUDP:
		d.gre(b, size)
	case portVXLAN:
		d.flowTunnel(l, models.TunnelVXLAN, b, size)
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

// flowTunnel decodes b as a tunnel that a whole UDP flow is: a datagram that is not of
// it shows that the flow is something else, and none after it is read as one.
func (d *Decoder) flowTunnel(l *models.Layer, kind models.TunnelKind, b []byte, size int) {
	if d.refuted.has(l, kind, d.ts) {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	r := ok
	switch kind {
	case models.TunnelVXLAN:
		r = d.vxlan(b, size)
	case models.TunnelGeneve:
		r = d.geneve(b, size)
	case models.TunnelTeredo:
		r = d.teredo(b)
	case models.TunnelAYIYA:
		r = d.ayiya(b, size)
	}
	if r != ok {
		d.events.skipInner(r)
		d.refuted.add(l, kind, d.ts)
	}
}

func isTunnelPort(p uint16) bool {
	switch p {
	case portVXLAN, portGeneve, portGTPU, portGTPC, portGREUDP, portTeredo, portAYIYA:
		return true
	}
	return false
}

// vxlan decodes VXLAN (RFC 7348 section 5). The reason that it returns, as those of the
// other tunnels of a flow, is why b is not of the tunnel; a header alone, or one with
// nothing known behind it, is.
func (d *Decoder) vxlan(b []byte, size int) Reason {
	if len(b) < 8 || b[0]&0x08 == 0 {
		return BadTunnelHeader
	}
	if len(b) > 8 {
		d.into(models.TunnelVXLAN, models.LinkEthernet, b[8:], size-8)
	}
	return ok
}

// geneve decodes Geneve (RFC 8926 section 3.4).
func (d *Decoder) geneve(b []byte, size int) Reason {
	if len(b) < 8 {
		return BadTunnelHeader
	}
	n := 8 + int(b[0]&0x3f)*4
	switch {
	case b[0]>>6 != 0: // a version that is not known is not wrong
		d.events.skipInner(BadTunnelHeader)
		return ok
	case n > len(b):
		return BadTunnelHeader
	case n == len(b):
		return ok
	}
	switch be16(b[2:]) {
	case etherTEB:
		d.into(models.TunnelGeneve, models.LinkEthernet, b[n:], size-n)
	case etherIPv4, etherIPv6:
		d.into(models.TunnelGeneve, models.LinkRaw, b[n:], size-n)
	default:
		d.events.skipInner(NotIP)
	}
	return ok
}

// gtp decodes user data of GTP version 1 (3GPP TS 29.281 section 5). GTP is not carried
// in GTP.
func (d *Decoder) gtp(b []byte) {
	const gpdu = 255
	n := gtpHeaderLen(b)
	if n == 0 || b[1] != gpdu || d.innermostTunnel() == models.TunnelGTPU {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	if r := fits(b[n:], 0); r != ok {
		d.events.skipInner(r)
		return
	}
	d.into(models.TunnelGTPU, models.LinkRaw, b[n:], len(b)-n)
}

// gtpHeaderLen is the length of a GTP header with its extension headers, 0 where it is
// none of version 1.
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
		return BadTunnelHeader
	}
	n := 8 + 1<<(b[0]>>4) + int(b[1]>>4)*4
	if n > len(b) {
		return BadTunnelHeader
	}
	if b[2]&0x0f == forward && n < len(b) && (b[3] == protoIPv4 || b[3] == protoIPv6) {
		d.into(models.TunnelAYIYA, models.LinkRaw, b[n:], size-n)
	}
	return ok
}

// innermostTunnel is the tunnel that the layer at hand is in.
func (d *Decoder) innermostTunnel() models.TunnelKind {
	if d.tunnel == 0 {
		return models.TunnelNone
	}
	return d.tunnel.At(d.tunnel.Len() - 1)
}
