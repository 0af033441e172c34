package conntrack

import (
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// Ports that belong to servers: what Zeek's scripts register as likely_server_ports.
// Where a connection is met without its handshake, they tell who is the responder.
var (
	tcpServers = portSet(21, 22, 25, 53, 79, 80, 81, 88, 110, 135, 139, 143, 389, 443, 445, 502, 563, 585,
		587, 614, 631, 636, 989, 990, 992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3268, 3306, 3389, 5222,
		5223, 5269, 5432, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000)
	udpServers = portSet(53, 67, 88, 123, 137, 161, 162, 389, 443, 514, 784, 853, 1812, 2123, 2152,
		3389, 3544, 4789, 5060, 5072, 5353, 5355, 6081, 20000)
)

type ports [1 << 10]uint64 // a bit for each port

func portSet(list ...uint16) (s *ports) {
	s = new(ports)
	for _, p := range list {
		s[p>>6] |= 1 << (p & 63)
	}
	return s
}

func (s *ports) has(p uint16) bool { return s[p>>6]>>(p&63)&1 != 0 }

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// fromResponder guesses whether the first packet that is seen of a connection was sent
// by its responder. A SYN is always the originator's.
func fromResponder(l *models.Layer) bool {
	if l.Dst == broadcast {
		return false // who sends to everybody asks
	}
	switch l.Proto {
	case models.ProtoUDP:
		return udpServers.has(l.SrcPort) && !udpServers.has(l.DstPort)
	case models.ProtoTCP:
		if l.Flags.Has(models.FlagSYN) && !l.Flags.Has(models.FlagACK) || !tcpServers.has(l.SrcPort) {
			return false
		}
		if tcpServers.has(l.DstPort) {
			return l.SrcPort < l.DstPort // both may be: the lower is the server's
		}
		return true
	}
	return false
}

// spokenByWrongRole reports that a UDP message shows the roles to be the wrong way
// round: an answer by the originator or a question by the responder.
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
		return c.key.addrB()
	}
	return c.key.addrA()
}

func (c *conn) respAddr() netip.Addr {
	if c.has(flagOrigIsB) {
		return c.key.addrA()
	}
	return c.key.addrB()
}

func (c *conn) origPort() uint16 {
	if c.has(flagOrigIsB) {
		return c.key.bPort
	}
	return c.key.aPort
}

func (c *conn) respPort() uint16 {
	if c.has(flagOrigIsB) {
		return c.key.aPort
	}
	return c.key.bPort
}
