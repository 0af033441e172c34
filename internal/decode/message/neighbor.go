package message

import "github.com/netlyra/netlyra/internal/models"

// Types of ICMPv6 neighbor discovery (RFC 4861 section 4).
const (
	RouterSolicitation    = 133
	routerAdvertisement   = 134
	neighborSolicitation  = 135
	neighborAdvertisement = 136
	Redirect              = 137
)

// ReadNeighbor returns the link-layer address that a message of neighbor discovery states, zero
// if none: the source link-layer address option, or the target's of neighbor advertisements
// and redirects. typ is the ICMPv6 type; b is what follows the first eight bytes of the
// message.
func ReadNeighbor(typ uint8, b []byte) (hw models.MAC) {
	const source, target = 1, 2
	want, fields := byte(source), 0
	switch typ {
	case RouterSolicitation:
	case routerAdvertisement:
		fields = 8
	case neighborSolicitation:
		fields = 16
	case neighborAdvertisement:
		want, fields = target, 16
	case Redirect:
		want, fields = target, 32
	default:
		return hw
	}
	for b = b[min(fields, len(b)):]; len(b) >= 8; {
		n := 8 * int(b[1])
		if n == 0 || n > len(b) {
			return hw
		}
		if b[0] == want {
			if n == 8 {
				hw = models.MAC(b[2:])
			}
			return hw
		}
		b = b[n:]
	}
	return hw
}
