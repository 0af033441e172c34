package decode

// llcFrame decodes an IEEE 802.3 frame whose length field says n: LLC (IEEE 802.2),
// with or without SNAP (RFC 1042), or Novell's raw form, which is never IP. Bytes after n are
// padding.
func (d *Decoder) llcFrame(n int, b []byte, wire int) Reason {
	if n > wire {
		return BadLinkLength
	}
	return d.llc(b[:min(n, len(b))], n)
}

// llc decodes an LLC header.
func (d *Decoder) llc(b []byte, wire int) Reason {
	if len(b) < 3 {
		return TruncatedLink
	}
	n := 3
	if b[2]&3 != 3 { // numbered: the control field has two bytes
		n = 4
	}
	switch {
	case b[0] == 0xaa && b[1] == 0xaa:
		if len(b) < n+5 {
			return TruncatedLink
		}
		return d.snap(b[n:], wire-n)
	case b[0] == 0x06 && b[1] == 0x06 && b[2] == 0x03: // the SAP of IP
		return d.ip(b[3:], wire-3)
	case b[0] == 0x42 && b[1] == 0x42 && b[2] == 0x03: // the SAP of spanning tree
		return d.bpdu(b[3:])
	}
	return NotIP
}

// ciscoPVST is the protocol of Cisco's spanning tree per VLAN, of organization code 0x00000c.
const ciscoPVST = 0x010b

// snap decodes a SNAP header after its LLC part. After organization code zero comes an
// EtherType; 0x0000f8 is the form of bridged tunnels (IEEE 802.1H).
func (d *Decoder) snap(b []byte, wire int) Reason {
	if b[0] == 0 && b[1] == 0 && b[2] == 0x0c && be16(b[3:]) == ciscoPVST {
		return d.bpdu(b[5:])
	}
	if b[0] != 0 || b[1] != 0 || b[2] != 0 && b[2] != 0xf8 {
		return NotIP
	}
	t := be16(b[3:])
	if t < etherMin {
		return NotIP
	}
	return d.etherType(t, b[5:], wire-5)
}

// fddi decodes an FDDI frame: a frame control byte, two addresses, LLC.
func (d *Decoder) fddi(b []byte, wire int) Reason {
	if len(b) < 13 {
		return TruncatedLink
	}
	return d.llc(b[13:], wire-13)
}
