package service

// tlsRecord reports a handshake record with a hello (RFC 8446 section 5.1), or the
// hello of SSL 2 that old clients send.
func tlsRecord(b []byte) bool {
	if len(b) >= 6 && b[0] == 22 && b[1] == 3 && b[2] <= 4 {
		n := be16(b[3:])
		return n >= 4 && n <= 1<<14+256 && (b[5] == 1 || b[5] == 2)
	}
	if len(b) >= 11 && b[0] == 0x80 && b[2] == 1 && (b[3] == 3 && b[4] <= 3 || b[3] == 0 && b[4] == 2) {
		return be16(b)&0x7fff >= 9+be16(b[5:]) // SSL 2, version and cipher specs
	}
	return false
}

// smb reports SMB 1, 2 or 3 after the four bytes of the direct transport.
func smb(b []byte) bool {
	return len(b) >= 8 && b[0] == 0 && b[5] == 'S' && b[6] == 'M' && b[7] == 'B' && (b[4] == 0xff || b[4] == 0xfe || b[4] == 0xfd)
}

// tpkt reports the connection request or confirm of RDP: X.224 in TPKT (RFC 1006).
func tpkt(b []byte) bool {
	if len(b) < 11 || b[0] != 3 || b[1] != 0 || be16(b[2:]) > 1024 {
		return false
	}
	li, code := int(b[4]), b[5]&0xf0
	if li+5 != be16(b[2:]) || code != 0xe0 && code != 0xd0 {
		return false
	}
	rest := b[11:]
	// A cookie, or a negotiation request, response or failure, or nothing; other users
	// of TPKT (S7, H.323) have parameters there.
	return len(rest) == 0 || has(rest, "Cookie:") || rest[0] >= 1 && rest[0] <= 3 && len(rest) >= 8 && rest[2] == 8
}

// dnp3 reports a link frame: start bytes, a length that can be, a known function.
func dnp3(b []byte) bool {
	return len(b) >= 10 && b[0] == 0x05 && b[1] == 0x64 && b[2] >= 5 && crcDNP(b[:8]) == uint16(le16(b[8:]))
}

// crcDNP is the CRC of IEEE 1815: polynomial 0x3d65, reflected, inverted.
func crcDNP(b []byte) uint16 {
	var crc uint16
	for _, v := range b {
		crc ^= uint16(v)
		for range 8 {
			if crc&1 != 0 {
				crc = crc>>1 ^ 0xa6bc
			} else {
				crc >>= 1
			}
		}
	}
	return ^crc
}

// mqtt reports CONNECT of versions 3.1 to 5.
func mqtt(b []byte, fromOrig bool) bool {
	if !fromOrig || len(b) < 8 || b[0] != 0x10 {
		return false
	}
	i := 1
	for i < 5 && i < len(b)-1 && b[i]&0x80 != 0 {
		i++
	}
	return has(b[i+1:], "\x00\x04MQTT") || has(b[i+1:], "\x00\x06MQIsdp")
}

// ldap reports an LDAPMessage (RFC 4511 section 4.1.1): a sequence of a message id and
// one of the protocol's operations.
func ldap(b []byte) bool {
	if len(b) < 7 || b[0] != 0x30 {
		return false
	}
	b, ok := berBody(b)
	if !ok || len(b) < 4 || b[0] != 2 || b[1] == 0 || b[1] > 4 || len(b) < int(b[1])+4 {
		return false
	}
	op := b[2+b[1]:]
	switch op[0] {
	case 0x60: // bind request: a version 2 or 3
		v, ok := berBody(op)
		return ok && len(v) >= 3 && v[0] == 2 && v[1] == 1 && (v[2] == 2 || v[2] == 3)
	case 0x61, 0x65: // bind and search result: a result code
		v, ok := berBody(op)
		return ok && len(v) >= 3 && v[0] == 10 && v[1] == 1
	case 0x63: // search request: the base object
		v, ok := berBody(op)
		return ok && len(v) >= 2 && v[0] == 4
	case 0x64, 0x73, 0x77, 0x78:
		return true
	}
	return false
}

// berBody is what follows the tag and length of a BER element, as far as it is there.
func berBody(b []byte) ([]byte, bool) {
	if len(b) < 2 {
		return nil, false
	}
	n := b[1]
	if n < 0x80 {
		return b[2:], true
	}
	n &= 0x7f
	if n == 0 || n > 4 || len(b) < 2+int(n) {
		return nil, false
	}
	return b[2+n:], true
}

// kerberos reports one of the messages of RFC 4120: the application tag, a sequence,
// the version 5 under its first or second context tag.
func kerberos(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	switch b[0] {
	case 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x7e:
	default:
		return false
	}
	v, ok := berBody(b)
	if !ok || len(v) < 8 || v[0] != 0x30 {
		return false
	}
	if v, ok = berBody(v); !ok || len(v) < 5 {
		return false
	}
	return (v[0] == 0xa0 || v[0] == 0xa1) && v[1] == 3 && v[2] == 2 && v[3] == 1 && v[4] == 5
}

func kerberosTCP(b []byte) bool {
	return len(b) > 4 && b[0]&0x80 == 0 && be32(b) < 1<<20 && kerberos(b[4:])
}

// mysql reports a server's greeting (protocol 10) that a client has answered.
func (s *State) mysql(p *Payload) bool {
	b := p.Data
	if len(b) < 6 {
		return false
	}
	n := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	if !p.FromOrig && b[3] == 0 && b[4] == 10 && b[5] >= '0' && b[5] <= '9' && n+4 == len(b) {
		s.setHint(hintMySQL)
		return mentions(b[5:], "MYSQL") || mentions(b[5:], "MARIADB") || p.RespPort == 3306
	}
	return p.FromOrig && s.hint() == hintMySQL && b[3] == 1 && n+4 <= len(b)
}

// postgres reports a start-up message, or the request for TLS or cancellation.
func postgres(b []byte, fromOrig bool) bool {
	if !fromOrig || len(b) < 8 || be32(b) > 10_000 {
		return false
	}
	switch v := be32(b[4:]); v {
	case 80877102, 80877103, 80877104: // cancel, SSL, GSS
		return be32(b) == uint32(len(b))
	default:
		return v>>16 == 3 && int(be32(b)) == len(b) && len(b) > 9 && b[len(b)-1] == 0 && has(b[8:], "user\x00")
	}
}

// modbus reports a Modbus/TCP frame: protocol 0, a length that fits, a known function.
func modbus(b []byte, p *Payload) bool {
	if len(b) < 8 || b[2] != 0 || b[3] != 0 || p.RespPort != 502 && p.OrigPort != 502 {
		return false
	}
	n, f := be16(b[4:]), b[7]&0x7f
	return n >= 2 && n <= 254 && n+6 <= len(b) && (f >= 1 && f <= 24 || f == 43 || f == 90)
}

// dceRPC reports a bind, an answer to one, a request or a response (C706 chapter 12).
func dceRPC(b []byte) bool {
	if len(b) < 16 || b[0] != 5 || b[1] > 1 || b[3]&3 == 0 {
		return false
	}
	switch b[2] {
	case 0, 2, 11, 12, 14, 15:
	default:
		return false
	}
	n := le16(b[8:])
	if b[4]&0x10 == 0 {
		n = be16(b[8:])
	}
	return n >= 16 && n <= len(b)
}

// socks reports a greeting of version 5 or a request of version 4.
func socks(b []byte, p *Payload) bool {
	if !p.FromOrig {
		return false
	}
	if len(b) >= 3 && b[0] == 5 && b[1] > 0 && int(b[1])+2 == len(b) {
		return p.RespPort == 1080 || b[1] <= 4 && b[2] <= 2
	}
	return len(b) >= 9 && b[0] == 4 && (b[1] == 1 || b[1] == 2) && b[len(b)-1] == 0 && p.RespPort == 1080
}
