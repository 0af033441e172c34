package decode

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// IP protocol numbers with special handling.
const (
	protoHopByHop = 0
	protoIPv4     = 4
	protoIPv6     = 41
	protoRouting  = 43
	protoFragment = 44
	protoGRE      = 47
	protoAH       = 51
	protoNoNext   = 59
	protoDestOpts = 60
	protoEtherIP  = 97
	protoMPLS     = 137 // RFC 4023
)

const (
	ip4HeaderLen = 20
	ip6HeaderLen = 40
)

// ip decodes an IP packet of either version.
func (d *Decoder) ip(b []byte, wire int) Reason {
	if len(b) < ip4HeaderLen {
		return TruncatedIP
	}
	switch b[0] >> 4 {
	case 4:
		return d.ip4(b, wire)
	case 6:
		return d.ip6(b, wire)
	}
	return BadIPVersion
}

// ip4 decodes an IPv4 packet (RFC 791) at b, which had wire bytes on the wire.
func (d *Decoder) ip4(b []byte, wire int) Reason {
	if len(b) < ip4HeaderLen {
		return TruncatedIP
	}
	if b[0]>>4 != 4 {
		return BadIPVersion
	}
	hl := int(b[0]&15) * 4
	declared := int(be16(b[2:]))
	total := declared
	if total == 0 {
		total = max(wire, len(b)) // the network card sets the length (segmentation offload)
	}
	switch {
	case hl < ip4HeaderLen || hl > total:
		return BadIPHeaderLength
	case total > wire:
		return IPLengthExceedsFrame
	case hl > len(b):
		return TruncatedIP
	}
	bad := models.Checksum(0)
	if ipSum(b[:hl]) != 0xffff {
		if d.cfg.VerifyChecksums {
			return BadIPChecksum
		}
		bad = models.BadIPChecksum
	}
	n := d.p.N
	if n >= models.MaxLayers {
		return TooManyTunnels
	}
	l := &d.p.Layers[n]
	*l = models.Layer{
		Src:   netip.AddrFrom4([4]byte(b[12:16])),
		Dst:   netip.AddrFrom4([4]byte(b[16:20])),
		Proto: models.Proto(b[9]), TTL: b[8], Bad: bad,
		IPLen: uint32(declared),
		VLAN:  d.vlan, InnerVLAN: d.inner, Tunnel: d.tunnel,
	}
	d.ipLen = uint32(total)
	body := b[hl:min(total, len(b))]
	if frag := be16(b[6:]); frag&0x3fff != 0 {
		return d.fragment(l, piece{
			data: body, size: total - hl, offset: int(frag&0x1fff) * 8, more: frag&0x2000 != 0,
			id: uint32(be16(b[4:])), next: b[9], header: hl,
		})
	}
	return d.upper(l, b[9], body, total-hl)
}

// ipSum returns the ones' complement sum of an IPv4 header (RFC 1071), 0xffff if correct.
func ipSum(h []byte) uint32 {
	if len(h) != ip4HeaderLen {
		return fold(sum(0, h))
	}
	le := binary.LittleEndian // the comparison does not depend on the byte order
	s, c := bits.Add64(le.Uint64(h), le.Uint64(h[8:]), 0)
	s, c = bits.Add64(s, uint64(le.Uint32(h[16:])), c)
	return fold(s + c)
}
