package decode

// NLPIDs (ISO/IEC TR 9577) that can carry IP.
const (
	nlpidSNAP = 0x80
	nlpidIPv6 = 0x8e
	nlpidIPv4 = 0xcc
	nlpidPPP  = 0xcf
)

// frameRelay decodes Frame Relay: an address of two to four bytes, then RFC 2427, or an
// EtherType in the form of Cisco.
func (d *Decoder) frameRelay(b []byte, wire int) Reason {
	n := 0
	for n < 4 && n < len(b) && b[n]&1 == 0 { // extension bit of Q.922: more of the address
		n++
	}
	n++
	if n == 1 || n > 4 {
		return NotIP
	}
	if len(b) < n+2 {
		return TruncatedLink
	}
	b, wire = b[n:], wire-n
	if b[0] != 3 { // not an unnumbered information frame
		if t := be16(b); t >= etherMin {
			return d.etherType(t, b[2:], wire-2)
		}
		return NotIP
	}
	b, wire = b[1:], wire-1
	if b[0] == 0 && len(b) > 1 { // padding
		b, wire = b[1:], wire-1
	}
	id := b[0]
	b, wire = b[1:], wire-1
	switch id {
	case nlpidIPv4:
		return d.ip4(b, wire)
	case nlpidIPv6:
		return d.ip6(b, wire)
	case nlpidPPP:
		return d.pppProto(b, wire)
	case nlpidSNAP:
		if len(b) < 5 {
			return TruncatedLink
		}
		return d.bridgedSNAP(b, wire, 0)
	}
	return NotIP
}

// bridgedSNAP decodes a SNAP header, also of bridged Ethernet (RFC 2427 section 4.2, RFC
// 2684 section 5.2), which has pad bytes before the frame.
func (d *Decoder) bridgedSNAP(b []byte, wire, pad int) Reason {
	const withFCS, withoutFCS = 1, 7
	if b[0] == 0 && b[1] == 0x80 && b[2] == 0xc2 {
		if pid := be16(b[3:]); pid != withFCS && pid != withoutFCS || len(b) < 5+pad {
			return NotIP
		}
		return d.ethernet(b[5+pad:], wire-5-pad)
	}
	return d.snap(b, wire)
}

// atm decodes the payload of AAL5 (RFC 2684): LLC, also with bridged Ethernet, or IP alone.
func (d *Decoder) atm(b []byte, wire int) Reason {
	if len(b) < 8 {
		return TruncatedLink
	}
	switch {
	case isSNAP(b, 0):
		return d.bridgedSNAP(b[3:], wire-3, 2)
	case b[0] == 0xfe && b[1] == 0xfe && b[2] == 3: // routed, with an NLPID
		switch b[3] {
		case nlpidIPv4:
			return d.ip4(b[4:], wire-4)
		case nlpidPPP:
			return d.pppProto(b[4:], wire-4)
		}
		return NotIP
	}
	return d.ip(b, wire)
}
