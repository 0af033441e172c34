package decode

import (
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// maxExtensions bounds the extension headers of one packet; RFC 8200 section 4.1 lists seven.
const maxExtensions = 16

// ip6 decodes an IPv6 packet (RFC 8200) at b, which had wire bytes on the wire.
func (d *Decoder) ip6(b []byte, wire int) Reason {
	if len(b) < ip6HeaderLen {
		return TruncatedIP
	}
	if b[0]>>4 != 6 {
		return BadIPVersion
	}
	declared := ip6HeaderLen + int(be16(b[4:]))
	total := declared
	if total > wire {
		return IPLengthExceedsFrame
	}
	if total == ip6HeaderLen && b[6] != protoNoNext {
		total = max(wire, len(b)) // segmentation offload, or a jumbogram (RFC 2675)
	}
	n := d.p.N
	if n >= models.MaxLayers {
		return TooManyTunnels
	}
	l := &d.p.Layers[n]
	*l = models.Layer{
		Src:   netip.AddrFrom16([16]byte(b[8:24])),
		Dst:   netip.AddrFrom16([16]byte(b[24:40])),
		Proto: models.Proto(b[6]), TTL: b[7],
		IPLen: uint32(declared),
		VLAN:  d.vlan, InnerVLAN: d.inner, Tunnel: d.tunnel,
	}
	d.ipLen = uint32(total)
	body := b[ip6HeaderLen:min(total, len(b))]
	switch b[6] {
	case byte(models.ProtoTCP), byte(models.ProtoUDP), byte(models.ProtoICMPv6):
		return d.upper(l, b[6], body, total-ip6HeaderLen)
	}
	return d.extensions(l, b[6], body, total-ip6HeaderLen, ip6HeaderLen)
}

// extensions parses the extension headers at b; the first has type next.
// size is the length of b on the wire, header the length of the headers before it.
func (d *Decoder) extensions(l *models.Layer, next byte, b []byte, size, header int) Reason {
	moved, home := false, false
	for range maxExtensions {
		var n int
		switch next {
		case protoHopByHop, protoRouting, protoDestOpts, protoAH:
		case protoFragment:
			return d.fragment6(l, b, size, header)
		default: // transport, ESP, mobility, no next header: end of the chain
			return d.upper(l, next, b, size)
		}
		if len(b) < 8 {
			return d.cutExtension(l, next)
		}
		if next == protoAH {
			n = (int(b[1]) + 2) * 4
		} else {
			n = (int(b[1]) + 1) * 8
		}
		if n > size {
			return BadIPHeaderLength
		}
		if n > len(b) {
			return d.cutExtension(l, next)
		}
		switch {
		case next == protoRouting && !moved:
			moved = routed(l, b[:n])
		case next == protoDestOpts && !home:
			home = homeAddress(l, b[2:n])
		}
		next, b, size, header = b[0], b[n:], size-n, header+n
	}
	return TooManyHeaders
}

// cutExtension handles a packet whose capture ends within the extension headers.
func (d *Decoder) cutExtension(l *models.Layer, next byte) Reason {
	l.Proto, l.Truncated = models.Proto(next), true
	d.add()
	return ok
}

// routed sets the destination to the final one of a routing header: of type 0 (RFC 2460
// section 4.4, deprecated but seen) or type 2 (RFC 6275 section 6.4).
func routed(l *models.Layer, h []byte) bool {
	words, left := h[1], h[3]
	final := h[2] == 0 && words >= 2 && words%2 == 0 || h[2] == 2 && words == 2
	if left == 0 || !final {
		return false
	}
	l.Dst = netip.AddrFrom16([16]byte(h[len(h)-16:]))
	return true
}

// homeAddress sets the source to that of a home address option (RFC 6275 section 6.3):
// the address by which the other end knows the mobile node.
func homeAddress(l *models.Layer, opts []byte) bool {
	for len(opts) > 0 {
		if opts[0] == 0 { // Pad1
			opts = opts[1:]
			continue
		}
		if len(opts) < 2 || len(opts) < 2+int(opts[1]) {
			return false
		}
		if opts[0] == 201 && opts[1] == 16 {
			l.Src = netip.AddrFrom16([16]byte(opts[2:18]))
			return true
		}
		opts = opts[2+int(opts[1]):]
	}
	return false
}

// fragment6 decodes the fragment header at b (RFC 8200 section 4.5).
func (d *Decoder) fragment6(l *models.Layer, b []byte, size, header int) Reason {
	if !d.enter() {
		return TooManyHeaders
	}
	if size < 8 {
		return BadIPHeaderLength
	}
	if len(b) < 8 {
		return d.cutExtension(l, protoFragment)
	}
	word := be16(b[2:])
	f := piece{
		data: b[8:], size: size - 8, offset: int(word &^ 7), more: word&1 != 0,
		id: be32(b[4:]), next: b[0], header: header, v6: true,
	}
	if f.offset == 0 && !f.more { // an atomic fragment (RFC 6946) is complete
		return d.joined(l, f.next, f.data, f.size, f.header)
	}
	return d.fragment(l, f)
}

// joined continues after the fragment header, with the length of the packet without it.
func (d *Decoder) joined(l *models.Layer, next byte, body []byte, size, header int) Reason {
	l.IPLen = uint32(header + size)
	d.ipLen = l.IPLen
	if l.Src.Is4() {
		return d.upper(l, next, body, size)
	}
	return d.extensions(l, next, body, size, header)
}
