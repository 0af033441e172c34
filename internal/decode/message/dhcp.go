package message

import "github.com/netlyra/netlyra/internal/models"

// UDP ports of DHCP and DHCPv6.
const (
	PortDHCPServer   = 67
	PortDHCPClient   = 68
	PortDHCPv6Client = 546
	PortDHCPv6Server = 547
)

// ReadDHCP returns the client hardware address of a DHCP or BOOTP message (RFC 2131 section 2)
// and its message type (option 53), each zero if it has none.
func ReadDHCP(b []byte) (hw models.MAC, typ uint8) {
	const fixed, chaddr, cookie = 240, 28, 0x63825363
	if len(b) < chaddr+len(hw) || b[0] != 1 && b[0] != 2 {
		return hw, 0
	}
	if b[2] == byte(len(hw)) {
		hw = models.MAC(b[chaddr:])
	}
	if len(b) < fixed || uint32(be16(b[fixed-4:]))<<16|uint32(be16(b[fixed-2:])) != cookie {
		return hw, 0
	}
	return hw, messageType(b[fixed:])
}

// messageType returns the value of option 53 (RFC 2132 section 9.6), 0 without it.
func messageType(opts []byte) uint8 {
	const pad, end, typ = 0, 255, 53
	for len(opts) > 0 && opts[0] != end {
		if opts[0] == pad {
			opts = opts[1:]
			continue
		}
		if len(opts) < 2 || len(opts) < 2+int(opts[1]) {
			return 0
		}
		if opts[0] == typ && opts[1] == 1 {
			return opts[2]
		}
		opts = opts[2+int(opts[1]):]
	}
	return 0
}

// DHCPv6 numbers (RFC 8415 sections 7.3, 11.2, 11.4 and 21.2; RFC 6939).
const (
	v6RelayForward   = 12
	v6RelayReply     = 13
	v6ClientID       = 1
	v6ClientLinkAddr = 79
	duidLinkTime     = 1
	duidLink         = 3
)

// ReadDHCPv6 returns the message type of a DHCPv6 message, and the link-layer address of the
// client: from its identifier, or as the relay adds it; zero if the message has none.
func ReadDHCPv6(b []byte) (hw models.MAC, typ uint8) {
	if len(b) < 4 {
		return hw, 0
	}
	typ = b[0]
	header, want := 4, uint16(v6ClientID)
	if typ == v6RelayForward || typ == v6RelayReply {
		header, want = 34, v6ClientLinkAddr
	}
	for b = b[min(header, len(b)):]; len(b) >= 4; {
		n := int(be16(b[2:]))
		if len(b) < 4+n {
			break
		}
		if be16(b) == want {
			return linkAddress(want, b[4:4+n]), typ
		}
		b = b[4+n:]
	}
	return hw, typ
}

// linkAddress returns the link-layer address in an option of the given number, which must be
// the last 6 of its bytes.
func linkAddress(option uint16, b []byte) (hw models.MAC) {
	header := 2 // hardware type
	if option == v6ClientID {
		if len(b) < 4 {
			return hw
		}
		switch be16(b) {
		case duidLinkTime:
			header = 8
		case duidLink:
			header = 4
		default:
			return hw
		}
	}
	if len(b) == header+len(hw) {
		hw = models.MAC(b[header:])
	}
	return hw
}
