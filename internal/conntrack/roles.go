package conntrack

import (
	"net/netip"
)

// spokenByWrongRole reports whether a UDP message shows that the roles are reversed: an
// answer by the originator or a question by the responder.
func (c *conn) spokenByWrongRole(from int, b []byte) bool {
	switch c.respPort() {
	case 123:
		flag := flagFlippedOrig << from
		if len(b) < 48 || c.has(flag) {
			return false
		}
		const client, server = 3, 4 // RFC 5905 section 7.3, figure 10
		mode := b[0] & 7
		if mode == server && from == orig || mode == client && from == resp {
			c.flags |= flag
			return true
		}
	case 53, 137, 5353, 5355:
		if len(b) < 12 || c.has(flagFirstMessage) {
			return false
		}
		c.flags |= flagFirstMessage
		answer := b[2]&0x80 != 0 // QR, RFC 1035 section 4.1.1
		return answer && from == orig && !c.respAddr().IsMulticast()
	}
	return false
}

func (c *conn) origAddr() netip.Addr {
	if c.has(flagOrigIsB) {
		return c.key.AddrB()
	}
	return c.key.AddrA()
}

func (c *conn) respAddr() netip.Addr {
	if c.has(flagOrigIsB) {
		return c.key.AddrA()
	}
	return c.key.AddrB()
}

func (c *conn) origPort() uint16 {
	if c.has(flagOrigIsB) {
		return c.key.BPort
	}
	return c.key.APort
}

func (c *conn) respPort() uint16 {
	if c.has(flagOrigIsB) {
		return c.key.APort
	}
	return c.key.BPort
}
