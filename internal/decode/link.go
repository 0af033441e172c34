package decode

// EtherTypes (IANA "IEEE 802 Numbers").
const (
	etherIPv4       = 0x0800
	etherARP        = 0x0806
	etherTEB        = 0x6558 // transparent Ethernet bridging
	etherRARP       = 0x8035
	etherVLAN       = 0x8100
	etherIPv6       = 0x86dd
	etherPPP        = 0x880b
	etherMPLS       = 0x8847
	etherMPLSUp     = 0x8848
	etherPPPoE      = 0x8864
	etherLLDP       = 0x88cc
	etherPBB        = 0x88e7
	etherQinQ       = 0x88a8
	etherVNTag      = 0x8926
	etherFabricPath = 0x8903
	etherQinQOld    = 0x9100
	etherQinQOlder  = 0x9200
	etherQinQOldest = 0x9300
	etherMin        = 0x0600 // lower values are lengths (IEEE 802.3 clause 3.2.6)
	lengthMax       = 1500
)

const etherHeaderLen = 14

// ethernet decodes an Ethernet frame.
func (d *Decoder) ethernet(b []byte, wire int) Reason {
	if len(b) < etherHeaderLen {
		return TruncatedLink
	}
	d.macs.read(b)
	t := be16(b[12:])
	if t == etherIPv4 || t == etherIPv6 {
		return d.ip(b[etherHeaderLen:], wire-etherHeaderLen)
	}
	return d.etherType(t, b[etherHeaderLen:], wire-etherHeaderLen)
}

// etherType decodes the bytes after an EtherType or length t.
func (d *Decoder) etherType(t uint16, b []byte, wire int) Reason {
	if !d.enter() {
		return TooManyHeaders
	}
	switch t {
	case etherIPv4, etherIPv6: // the version decides, as in Zeek
		return d.ip(b, wire)
	case etherVLAN, etherQinQ, etherQinQOld, etherQinQOlder, etherQinQOldest:
		return d.vlanTag(b, wire)
	case etherARP, etherRARP:
		return d.arp(b)
	case etherLLDP:
		return d.lldp(b)
	case etherMPLS, etherMPLSUp:
		return d.mpls(b, wire)
	case etherPPPoE:
		return d.pppoe(b, wire)
	case etherTEB:
		return d.ethernet(b, wire)
	case etherPPP:
		return d.ppp(b, wire)
	case etherPBB: // I-TAG of 4 bytes, then the customer's frame (IEEE 802.1ah)
		return d.nested(4, b, wire)
	case etherFabricPath: // 2 bytes left of its header of 16, then the whole frame
		return d.nested(2, b, wire)
	}
	if t <= lengthMax {
		return d.llcFrame(int(t), b, wire)
	}
	return d.shim(t, b, wire)
}

// knownEtherType reports whether t is an EtherType that etherType decodes.
func knownEtherType(t uint16) bool {
	switch t {
	case etherIPv4, etherIPv6, etherVLAN, etherQinQ, etherQinQOld, etherQinQOlder, etherQinQOldest,
		etherARP, etherRARP, etherLLDP, etherMPLS, etherMPLSUp, etherPPPoE, etherTEB, etherPPP, etherPBB, etherFabricPath,
		etherCMD, etherMACsec, etherTRILL, etherNSH, etherJumbo:
		return true
	}
	return shimLen(t) > 0
}

// nested decodes an Ethernet frame after n bytes.
func (d *Decoder) nested(n int, b []byte, wire int) Reason {
	if len(b) < n {
		return TruncatedLink
	}
	return d.ethernet(b[n:], wire-n)
}

// tagged decodes from the EtherType after n bytes.
func (d *Decoder) tagged(n int, b []byte, wire int) Reason {
	if len(b) < n+2 {
		return TruncatedLink
	}
	return d.etherType(be16(b[n:]), b[n+2:], wire-n-2)
}

// vlanTag reads an 802.1Q or 802.1ad tag. Only the first two are recorded.
func (d *Decoder) vlanTag(b []byte, wire int) Reason {
	if len(b) < 4 {
		return TruncatedLink
	}
	id := be16(b) & 0xfff
	if d.vlan == 0 {
		d.vlan = id
	} else if d.inner == 0 {
		d.inner = id
	}
	t := be16(b[2:])
	if t <= lengthMax { // after a tag the length only marks the start of padding, as in Zeek
		t = uint16(min(int(t), max(wire-4, 0)))
	}
	return d.etherType(t, b[4:], wire-4)
}

// mpls skips a label stack (RFC 3032) and guesses the content, which the stack does not
// specify: IP by its version, otherwise an Ethernet pseudowire, with or without the control
// word of RFC 4448.
func (d *Decoder) mpls(b []byte, wire int) Reason {
	for {
		if !d.enter() {
			return TooManyHeaders
		}
		if len(b) < 4 {
			return TruncatedLink
		}
		bottom := b[2]&1 != 0
		b, wire = b[4:], wire-4
		if bottom {
			break
		}
	}
	if len(b) == 0 {
		return TruncatedLink
	}
	switch b[0] >> 4 {
	case 4:
		return d.ip4(b, wire)
	case 6:
		return d.ip6(b, wire)
	}
	if len(b) >= 4+etherHeaderLen && be16(b) == 0 && carriesKnown(b[4:]) {
		return d.ethernet(b[4:], wire-4)
	}
	if carriesKnown(b) {
		return d.ethernet(b, wire)
	}
	return NotIP
}

// carriesKnown reports whether b looks like an Ethernet frame with content that is decoded.
func carriesKnown(b []byte) bool {
	if len(b) < etherHeaderLen {
		return false
	}
	return knownEtherType(be16(b[12:]))
}
