package decode

// Tags between the addresses of an Ethernet frame and the EtherType of its payload.

// EtherTypes of tags (IANA "IEEE 802 Numbers"; some are unregistered).
const (
	etherTRILL  = 0x22f3 // RFC 6325
	etherMACsec = 0x88e5 // IEEE 802.1AE
	etherCMD    = 0x8909 // Cisco MetaData, a security group tag
	etherHSR    = 0x892f // IEC 62439-3
	etherETag   = 0x893f // IEEE 802.1BR
	etherNSH    = 0x894f // RFC 8300
	etherTTag   = 0x8988 // Cisco TTag, a timestamp
	etherEDSA   = 0xdada // Marvell's switch tag with an EtherType
	etherRTag   = 0xf1c1 // IEEE 802.1CB
	etherJumbo  = 0x8870 // LLC in a frame longer than a length field allows
)

// shimLen returns the number of bytes between the EtherType t of a tag and the next EtherType,
// 0 if t is not a tag of fixed length.
func shimLen(t uint16) int {
	switch t {
	case etherHSR, etherRTag, etherVNTag:
		return 4
	case etherTTag, etherETag, etherEDSA:
		return 6
	}
	return 0
}

// shim decodes the bytes after a tag of EtherType t, or returns NotIP if t is not a tag. The
// trailer of PRP (IEC 62439-3) needs no code, because IP has its own length.
func (d *Decoder) shim(t uint16, b []byte, wire int) Reason {
	if n := shimLen(t); n > 0 {
		return d.tagged(n, b, wire)
	}
	switch t {
	case etherCMD:
		return d.ciscoMetaData(b, wire)
	case etherMACsec:
		return d.macsec(b, wire)
	case etherTRILL:
		return d.trill(b, wire)
	case etherNSH:
		return d.nsh(b, wire)
	case etherJumbo:
		return d.llc(b, wire)
	}
	return NotIP
}

// ciscoMetaData decodes Cisco MetaData: version, length, one option of four bytes. The
// length counts further options; it is used only if no known EtherType follows the first.
func (d *Decoder) ciscoMetaData(b []byte, wire int) Reason {
	const one = 6
	if len(b) < one+2 {
		return TruncatedLink
	}
	n := one
	if more := 2 + 4*int(b[1]); more > one && !knownEtherType(be16(b[one:])) {
		n = more
	}
	return d.tagged(n, b, wire)
}

// macsec decodes a MACsec frame that is protected but not encrypted (IEEE 802.1AE clause
// 9): the tag, then the EtherType and the packet in clear text, then a check value.
func (d *Decoder) macsec(b []byte, wire int) Reason {
	const version, sci, encrypted, changed, icv = 0x80, 0x20, 0x08, 0x04, 16
	if len(b) < 6 {
		return TruncatedLink
	}
	n := 6
	switch {
	case b[0]&version != 0:
		return NotIP
	case b[0]&(encrypted|changed) != 0:
		return EncryptedFrame
	case b[0]&sci != 0:
		n += 8
	}
	wire -= n + icv
	if short := int(b[1] & 0x3f); short > 0 { // of frames with less than 48 bytes of data
		wire = min(wire, short)
	}
	if wire < 2 {
		return BadLinkLength
	}
	if len(b) < n+2 {
		return TruncatedLink
	}
	b = b[n:]
	b = b[:min(len(b), wire)]
	return d.etherType(be16(b), b[2:], wire-2)
}

// trill decodes TRILL (RFC 6325 section 3): a header of 6 bytes, options, the frame.
func (d *Decoder) trill(b []byte, wire int) Reason {
	if len(b) < 6 {
		return TruncatedLink
	}
	if b[0]>>6 != 0 {
		return NotIP
	}
	return d.nested(6+int(be16(b)>>6&0x1f)*4, b, wire)
}

// nsh decodes a network service header (RFC 8300 section 2.2).
func (d *Decoder) nsh(b []byte, wire int) Reason {
	const ip4, ip6, ethernet, nsh, mpls = 1, 2, 3, 4, 5
	if !d.enter() {
		return TooManyHeaders
	}
	if len(b) < 8 {
		return TruncatedLink
	}
	n := int(be16(b)&0x3f) * 4
	switch {
	case b[0]>>6 != 0:
		return NotIP
	case n < 8 || n > wire:
		return BadLinkLength
	case n > len(b):
		return TruncatedLink
	}
	next := b[3]
	b, wire = b[n:], wire-n
	switch next {
	case ip4:
		return d.ip4(b, wire)
	case ip6:
		return d.ip6(b, wire)
	case ethernet:
		return d.ethernet(b, wire)
	case nsh:
		return d.nsh(b, wire)
	case mpls:
		return d.mpls(b, wire)
	}
	return NotIP
}
