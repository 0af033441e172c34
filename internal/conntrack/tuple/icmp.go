package tuple

import "github.com/netlyra/netlyra/internal/models"

// Counterpart returns the ICMP type that answers typ, which serves as the port of
// the other end, so that request and reply are one connection. For messages without a reply
// it returns the code, and oneWay is true. As in Zeek, the identifier of an echo is not part
// of the key: concurrent pings between two hosts are one connection.
func Counterpart(proto models.Proto, typ, code uint16) (port uint16, oneWay bool) {
	if proto == models.ProtoICMP {
		switch typ {
		case 0: // echo reply, RFC 792
			return 8, false
		case 8:
			return 0, false
		case 9, 13, 15, 17: // router advertisement (RFC 1256); timestamp, information, mask request
			return typ + 1, false
		case 10, 14, 16, 18:
			return typ - 1, false
		}
		return code, true
	}
	switch typ {
	case 128, 133, 135, 139, 144: // echo (RFC 4443), router and neighbor solicitation (RFC 4861), node information, home agent
		return typ + 1, false
	case 129, 134, 136, 140, 145:
		return typ - 1, false
	case 130: // multicast listener query and report, RFC 2710
		return 131, false
	case 131:
		return 130, false
	}
	return code, true
}
