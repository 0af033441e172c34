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
// agree with the number, and the length with the space.
func (d *Decoder) ipTunnel(proto byte, b []byte, size int) {
	version := byte(4)
	if proto == protoIPv6 {
		version = 6
	}
	if r := fits(b, size, version); r != ok {
		d.events.skipInner(r)
		return
	}
	d.into(models.TunnelIPIP, models.LinkRaw, b, size)
}

// fits checks that b, of which size bytes were sent, is an IP packet of exactly that
// length, of the given version or, where that is 0, of either. It keeps what is only
// like a tunnel from being read as one.
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

// udpTunnel decodes b, size bytes on the wire, as what the ports of l promise or, for
// the two tunnels that wander over ports, as what it looks like. Where it is not that,
// nothing happens: the datagram stays UDP.
func (d *Decoder) udpTunnel(l *models.Layer, b []byte, size int) {
	port := l.DstPort
	if !isTunnelPort(port) && l.DstPort >= 1024 {
		port = l.SrcPort // an answer; from a server's port it would be another protocol's
	}
	switch port {
	case portVXLAN:
		d.vxlan(b, size)
	case portGeneve:
		d.geneve(b, size)
	case portGTPU, portGTPC:
		d.gtp(b, size)
	case portGREUDP:
		d.gre(b, size)
	case portTeredo:
		d.teredo(b, size)
	case portAYIYA:
		d.ayiya(b, size)
	default:
		switch {
		case looksTeredo(b):
			d.teredo(b, size)
		case len(b) > 3 && b[1] == 0x52 && b[2] == 0x11: // 4-byte identity by hash, SHA-1, forward
			d.ayiya(b, size)
		}
	}
}

func isTunnelPort(p uint16) bool {
	switch p {
	case portVXLAN, portGeneve, portGTPU, portGTPC, portGREUDP, portTeredo, portAYIYA:
		return true
	}
	return false
}

// vxlan decodes VXLAN (RFC 7348 section 5).
func (d *Decoder) vxlan(b []byte, size int) {
	if len(b) <= 8 || b[0]&0x08 == 0 {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	d.into(models.TunnelVXLAN, models.LinkEthernet, b[8:], size-8)
}

// geneve decodes Geneve (RFC 8926 section 3.4).
func (d *Decoder) geneve(b []byte, size int) {
	if len(b) < 8 || b[0]>>6 != 0 {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	n := 8 + int(b[0]&0x3f)*4
	if n >= len(b) {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	switch be16(b[2:]) {
	case etherTEB:
		d.into(models.TunnelGeneve, models.LinkEthernet, b[n:], size-n)
	case etherIPv4, etherIPv6:
		d.into(models.TunnelGeneve, models.LinkRaw, b[n:], size-n)
	default:
		d.events.skipInner(NotIP)
	}
}

// gtp decodes user data of GTP version 1 (3GPP TS 29.281 section 5). GTP is not carried
// in GTP.
func (d *Decoder) gtp(b []byte, size int) {
	const gpdu = 255
	n := gtpHeaderLen(b)
	if n == 0 || b[1] != gpdu || d.innermostTunnel() == models.TunnelGTPU {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	if r := fits(b[n:], size-n, 0); r != ok {
		d.events.skipInner(r)
		return
	}
	d.into(models.TunnelGTPU, models.LinkRaw, b[n:], size-n)
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
func (d *Decoder) ayiya(b []byte, size int) {
	const forward = 1
	if len(b) < 8 || b[2]&0x0f != forward {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	n := 8 + 1<<(b[0]>>4) + int(b[1]>>4)*4
	if n >= len(b) || b[3] != protoIPv4 && b[3] != protoIPv6 {
		d.events.skipInner(BadTunnelHeader)
		return
	}
	d.into(models.TunnelAYIYA, models.LinkRaw, b[n:], size-n)
}

// innermostTunnel is the tunnel that the layer at hand is in.
func (d *Decoder) innermostTunnel() models.TunnelKind {
	if d.tunnel == 0 {
		return models.TunnelNone
	}
	return d.tunnel.At(d.tunnel.Len() - 1)
}
