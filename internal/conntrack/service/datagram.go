package service

// datagram detects protocols over UDP.
func datagram(p *Payload) ID {
	b := p.Data
	switch {
	case dns(b, p):
		return DNS
	case quicLong(b) || quicPublic(b):
		return QUIC
	case dhcp(b):
		return DHCP
	case stun(b):
		return STUN
	case dtls(b):
		return DTLS
	case snmp(b):
		return SNMP
	case ldap(b):
		return LDAP
	case kerberos(b):
		return Kerberos
	case sip(b):
		return SIP
	case ntp(b, p):
		return NTP
	case syslog(b):
		return Syslog
	case radius(b, p):
		return RADIUS
	case coap(b, p):
		return CoAP
	case p.FromOrig && (has(b, "M-SEARCH * HTTP/1.1") || has(b, "NOTIFY * HTTP/1.1")):
		return HTTP
	}
	return None
}

// dns reports a DNS message (RFC 1035 section 4): possible flags, few records, and a
// valid first name. On a port of DNS the checks are weaker.
func dns(b []byte, p *Payload) bool {
	if len(b) < 12 {
		return false
	}
	opcode := b[2] >> 3 & 15
	qd, an, ns, ar := be16(b[4:]), be16(b[6:]), be16(b[8:]), be16(b[10:])
	known := dnsPort(p.RespPort) || dnsPort(p.OrigPort)
	const refresh = 8 // of NetBIOS names, RFC 1002 section 4.2.1.1
	if opcode > 6 && opcode != refresh || b[3]&0x40 != 0 || qd > 10 || an+ns+ar > 300 || qd+an == 0 {
		return false
	}
	if !known && (qd != 1 || opcode != 0) {
		return false
	}
	n, ok := dnsName(b[12:])
	if !ok || len(b) < 12+n+4 {
		return false
	}
	class := be16(b[12+n+2:]) &^ 0x8000 // mDNS: unicast response, cache flush
	return class == 1 || class == 255 || class == 3 || class == 4 || known && an > 0
}

func dnsPort(p uint16) bool { return p == 53 || p == 5353 || p == 5355 || p == 137 }

// dnsName returns the length of the uncompressed name at the start of b.
func dnsName(b []byte) (n int, ok bool) {
	for n < len(b) && n < 256 {
		switch l := int(b[n]); {
		case l == 0:
			return n + 1, true
		case l >= 0xc0:
			return n + 2, n+2 <= len(b)
		case l > 63:
			return 0, false
		default:
			n += l + 1
		}
	}
	return 0, false
}

// dnsTCP reports DNS with its length before it.
func dnsTCP(b []byte, p *Payload) bool {
	return len(b) >= 14 && be16(b) >= 12 && be16(b) <= len(b)-2+1200 && (dnsPort(p.RespPort) || dnsPort(p.OrigPort)) && dns(b[2:], p)
}

// dhcp reports BOOTP with the cookie of DHCP (RFC 2131), or DHCPv6, which the
// caller detects by its ports.
func dhcp(b []byte) bool {
	return len(b) >= 240 && (b[0] == 1 || b[0] == 2) && b[2] <= 16 && be32(b[236:]) == 0x63825363
}

// ntp reports versions 1 to 4 (RFC 5905): the port and a packet of the length of its
// mode.
func ntp(b []byte, p *Payload) bool {
	if p.RespPort != 123 && p.OrigPort != 123 || len(b) < 8 {
		return false
	}
	version, mode := b[0]>>3&7, b[0]&7
	switch {
	case version < 1 || version > 4 || mode == 0:
		return false
	case mode <= 5:
		return len(b) >= 48
	case mode == 6:
		return len(b) >= 12
	}
	return true
}

// quicLong reports an Initial or Version Negotiation packet of a known version
// (RFC 9000 section 17.2, RFC 9369, drafts 22 to 34, Google's Q and T).
func quicLong(b []byte) bool {
	if len(b) < 21 || b[0]&0x80 == 0 {
		return false
	}
	dcid := int(b[5])
	v := be32(b[1:])
	switch {
	case v == 1 || v == 0x6b3343cf || v >= 0xff000016 && v <= 0xff000022:
		return b[0]&0x40 != 0 && dcid <= 20 && len(b) > 6+dcid && b[6+dcid] <= 20
	case v == 0:
		return dcid <= 20 && len(b) > 6+dcid && b[6+dcid] <= 20 && (len(b)-7-dcid-int(b[6+dcid]))%4 == 0
	}
	return googleQUIC(v)
}

// googleQUIC reports a version of Google's before the standard: Q043, T051, …
func googleQUIC(v uint32) bool {
	digit := func(c uint32) bool { return c&0xff >= '0' && c&0xff <= '9' }
	return (v>>24 == 'Q' || v>>24 == 'T') && digit(v>>16) && digit(v>>8) && digit(v)
}

// quicPublic reports a packet with the public header that Google's versions up to Q043
// had: flags with a version and a connection id of eight bytes.
func quicPublic(b []byte) bool {
	return len(b) >= 14 && b[0]&0xc9 == 0x09 && googleQUIC(be32(b[9:]))
}

// stun reports the magic cookie of RFC 8489 section 5 and a length that fits.
func stun(b []byte) bool {
	return len(b) >= 20 && b[0]&0xc0 == 0 && be32(b[4:]) == 0x2112a442 && be16(b[2:])+20 == len(b)
}

// dtls reports a handshake record of DTLS 1.0 or 1.2 (RFC 6347 section 4.1), with which
// version 1.3 begins too.
func dtls(b []byte) bool {
	return len(b) >= 14 && b[0] == 22 && b[1] == 0xfe && (b[2] == 0xff || b[2] == 0xfd) && be16(b[11:])+13 <= len(b) &&
		(b[13] == 1 || b[13] == 2 || b[13] == 3)
}

// snmp reports a message of version 1, 2c or 3: a sequence, its version, then a
// community or the header of version 3.
func snmp(b []byte) bool {
	if len(b) < 10 || b[0] != 0x30 {
		return false
	}
	v, ok := berBody(b)
	if !ok || len(v) < 6 || v[0] != 2 || v[1] != 1 {
		return false
	}
	switch v[2] {
	case 0, 1:
		if v[3] != 4 || len(v) < 6+int(v[4]) {
			return false
		}
		pdu := v[5+int(v[4])]
		return pdu >= 0xa0 && pdu <= 0xa8
	case 3:
		return v[3] == 0x30
	}
	return false
}

// syslog reports "<priority>" (RFC 5424 section 6.2.1) and text after it.
func syslog(b []byte) bool {
	if len(b) < 8 || b[0] != '<' || b[1] < '0' || b[1] > '9' {
		return false
	}
	for i := 2; i < 5; i++ {
		if b[i] == '>' {
			return b[i+1] >= ' ' && b[i+1] < 0x7f && b[i+2] >= ' ' && b[i+2] < 0x7f
		}
		if b[i] < '0' || b[i] > '9' {
			return false
		}
	}
	return false
}

// radius reports a packet of RFC 2865 section 3 on one of its ports.
func radius(b []byte, p *Payload) bool {
	port := p.RespPort
	return (port == 1812 || port == 1813 || port == 1645 || port == 1646) && len(b) >= 20 && b[0] >= 1 && b[0] <= 45 && be16(b[2:]) == len(b)
}

// coap reports a message of RFC 7252 section 3 on its port.
func coap(b []byte, p *Payload) bool {
	return (p.RespPort == 5683 || p.OrigPort == 5683) && len(b) >= 4 && b[0]>>6 == 1 && b[0]&15 <= 8 && len(b) >= 4+int(b[0]&15)
}
