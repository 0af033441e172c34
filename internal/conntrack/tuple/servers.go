package tuple

import (
	"net/netip"

	"github.com/netlyra/netlyra/internal/models"
)

// Ports of servers, from likely_server_ports of Zeek's scripts. They determine the responder
// of a connection whose handshake was not captured.
var (
	TCPServers = portSet(21, 22, 25, 53, 79, 80, 81, 88, 110, 135, 139, 143, 389, 443, 445, 502, 563, 585,
		587, 614, 631, 636, 989, 990, 992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3268, 3306, 3389, 5222,
		5223, 5269, 5432, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000)
	UDPServers = portSet(53, 67, 88, 123, 137, 161, 162, 389, 443, 514, 784, 853, 1812, 2123, 2152,
		3389, 3544, 4789, 5060, 5072, 5353, 5355, 6081, 20000)
)

// PortSet is a set of ports, one bit for each.
type PortSet [1 << 10]uint64

func portSet(list ...uint16) (s *PortSet) {
	s = new(PortSet)
	for _, p := range list {
		s[p>>6] |= 1 << (p & 63)
	}
	return s
}

// Has reports whether p is in the set.
func (s *PortSet) Has(p uint16) bool { return s[p>>6]>>(p&63)&1 != 0 }

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// FromResponder guesses whether the first captured packet of a connection was sent by the
// responder. A SYN is always from the originator.
func FromResponder(l *models.Layer) bool {
	if l.Dst == broadcast {
		return false // the sender of a broadcast is the originator
	}
	switch l.Proto {
	case models.ProtoUDP:
		return UDPServers.Has(l.SrcPort) && !UDPServers.Has(l.DstPort)
	case models.ProtoTCP:
		if l.Flags.Has(models.FlagSYN) && !l.Flags.Has(models.FlagACK) || !TCPServers.Has(l.SrcPort) {
			return false
		}
		if TCPServers.Has(l.DstPort) {
			return l.SrcPort < l.DstPort // both are server ports: the lower is the server's
		}
		return true
	}
	return false
}
