package decode

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// Link types whose frames begin with a pseudo-header of the capturing system.

// pflog decodes a packet of the BSD packet filter's log: a header whose first byte is
// its length without padding to four, then IP
// (https://www.tcpdump.org/linktypes/LINKTYPE_PFLOG.html).
func (d *Decoder) pflog(b []byte, wire int) Reason {
	if len(b) < 4 {
		return TruncatedLink
	}
	n := (int(b[0]) + 3) &^ 3
	switch {
	case n < 44: // up to the direction in the oldest form
		return BadLinkLength
	case n > len(b):
		return TruncatedLink
	}
	return d.ip(b[n:], wire-n)
}

// ppi decodes Per-Packet Information: version, flags, length and link type, little-endian,
// then fields, then a frame of that link type ("PPI Header format 1.0.7", CACE 2009).
func (d *Decoder) ppi(b []byte, wire int) Reason {
	if !d.enter() {
		return TooManyHeaders
	}
	if len(b) < 8 {
		return TruncatedLink
	}
	n, t := int(binary.LittleEndian.Uint16(b[2:])), binary.LittleEndian.Uint32(b[4:])
	return d.wrapped(n, 8, t, b, wire)
}

// wrapped decodes a frame of link type t after a header of n bytes, which must be at least
// least.
func (d *Decoder) wrapped(n, least int, t uint32, b []byte, wire int) Reason {
	switch {
	case n < least || n > wire:
		return BadLinkLength
	case n > len(b):
		return TruncatedLink
	case t > 0xffff:
		return UnknownLinkType
	}
	return d.link(models.LinkType(t), b[n:], wire-n)
}

// PKTAP headers of macOS (https://www.tcpdump.org/linktypes/LINKTYPE_PKTAP.html).
const (
	pktapHeaderLen  = 108 // of version 1, at least
	pktapFlags      = 36
	pktapHeader2Len = 40 // of version 2, at least
	pktapVersion2   = 0x00080000
)

// pktapHeader reads the length of a PKTAP header and the link type of what follows.
func pktapHeader(b []byte) (n, least int, t uint32) {
	le := binary.LittleEndian
	if le.Uint32(b[pktapFlags:])&pktapVersion2 != 0 {
		return int(b[0]), pktapHeader2Len, uint32(le.Uint16(b[6:]))
	}
	return int(min(le.Uint32(b), 1<<20)), pktapHeaderLen, le.Uint32(b[8:])
}

// pktap decodes Apple's PKTAP.
func (d *Decoder) pktap(b []byte, wire int) Reason {
	if !d.enter() {
		return TooManyHeaders
	}
	if len(b) < pktapHeader2Len {
		return TruncatedLink
	}
	n, least, t := pktapHeader(b)
	return d.wrapped(n, least, t, b, wire)
}

// userPKTAP decodes link type 149, which is reserved for private use: PKTAP if it looks like
// it, otherwise IP.
func (d *Decoder) userPKTAP(b []byte, wire int) Reason {
	if len(b) >= pktapHeader2Len {
		if n, least, t := pktapHeader(b); n >= least && n <= min(wire, 1024) && int(t) < len(links) && links[t].read != nil {
			return d.pktap(b, wire)
		}
	}
	if d.ip(b, wire) == ok {
		return ok
	}
	return UnknownLinkType
}

// ipoib decodes IP over InfiniBand (RFC 4391 section 6): an EtherType and two reserved
// bytes, as LINKTYPE_IPOIB specifies, or after a global routing header of 40 bytes, as in
// actual captures and in Wireshark.
func (d *Decoder) ipoib(b []byte, wire int) Reason {
	const header, routing = 4, 40
	if len(b) >= header && b[2] == 0 && b[3] == 0 && knownEtherType(be16(b)) {
		return d.etherType(be16(b), b[header:], wire-header)
	}
	if len(b) < routing+header {
		return TruncatedLink
	}
	return d.etherType(be16(b[routing:]), b[routing+header:], wire-routing-header)
}

// infiniband decodes IPoIB in raw InfiniBand frames: a local routing header, an
// optional global one, the transport headers of an unreliable datagram, then RFC 4391.
func (d *Decoder) infiniband(b []byte, wire int) Reason {
	const local, global, transport, opcodeUD, trailer = 8, 40, 12 + 8, 0x64, 6
	if len(b) < local {
		return TruncatedLink
	}
	n := local
	switch b[1] & 3 { // link next header (InfiniBand Architecture section 7.7.5)
	case 2:
	case 3:
		n += global
	default:
		return NotIP
	}
	if len(b) < n+transport+4 {
		return TruncatedLink
	}
	if b[n]&^1 != opcodeUD { // "send only", with immediate data or without
		return NotIP
	}
	if b[n]&1 != 0 {
		n += 4
	}
	n += transport
	if len(b) < n+4 {
		return TruncatedLink
	}
	return d.etherType(be16(b[n:]), b[n+4:], wire-n-4-trailer)
}

// prism decodes an 802.11 frame after a Prism header, whose length is in the byte order of
// the host, or after an AVS header, which is big-endian.
func (d *Decoder) prism(b []byte, wire int) Reason {
	if len(b) < 8 {
		return TruncatedLink
	}
	n := be32(b[4:])
	if be32(b)>>12 != 0x80211 && n > 0xffff {
		n = binary.LittleEndian.Uint32(b[4:])
	}
	if n < 8 || uint64(n) > uint64(max(wire, 0)) {
		return BadLinkLength
	}
	if int(n) > len(b) {
		return TruncatedLink
	}
	return d.wlan(b[n:], wire-int(n))
}

// tokenRing decodes IEEE 802.5: access and frame control, two addresses, a route if
// the first bit of the source address is set, LLC.
func (d *Decoder) tokenRing(b []byte, wire int) Reason {
	n := 14
	if len(b) < n+2 {
		return TruncatedLink
	}
	if b[1]>>6 != 1 { // a MAC frame
		return NotIP
	}
	if b[8]&0x80 != 0 {
		n += int(b[14] & 0x1f)
	}
	if len(b) < n {
		return TruncatedLink
	}
	return d.llc(b[n:], wire-n)
}
