package decode

import "github.com/netlyra/netlyra/internal/models"

// teredo decodes Teredo (RFC 4380 section 5.1.1): an authentication header and an
// origin indication, each at most once and in that order, then an IPv6 packet that
// fills the rest. Only a bubble may be followed by other bytes.
func (d *Decoder) teredo(b []byte, size int) Reason {
	n, r := teredoHeaderLen(b, size)
	if r != ok {
		return r
	}
	b, size = b[n:], size-n
	total := ip6HeaderLen + int(be16(b[4:]))
	bubble := total == ip6HeaderLen && b[6] == protoNoNext
	if total != size && !bubble {
		return InnerLengthMismatch
	}
	d.into(models.TunnelTeredo, asIP, b, size)
	return ok
}

// teredoHeaderLen returns the length of the Teredo headers before the IPv6 header.
func teredoHeaderLen(b []byte, size int) (n int, r Reason) {
	auth, origin := false, false
	for {
		if len(b)-n < 4 {
			return 0, cutOr(b, size, n+4, BadTunnelHeader)
		}
		switch tag := be16(b[n:]); {
		case tag == 0 && !origin:
			origin = true
			n += 8
		case tag == 1 && !origin && !auth:
			auth = true
			n += 13 + int(b[n+2]) + int(b[n+3])
		case tag>>12 == 6:
			if len(b)-n < ip6HeaderLen {
				return 0, cutOr(b, size, n+ip6HeaderLen, BadTunnelHeader)
			}
			return n, ok
		default:
			return 0, BadTunnelHeader
		}
	}
}

// looksTeredo reports whether a datagram on some port is Teredo: an IPv6 packet with a
// Teredo address (2001::/32), or one after a Teredo header.
func looksTeredo(b []byte) bool {
	if len(b) < ip6HeaderLen {
		return false
	}
	if b[0]>>4 == 6 {
		const prefix = 0x20010000
		return be32(b[8:]) == prefix || be32(b[24:]) == prefix
	}
	if b[0] != 0 || b[1] > 1 {
		return false
	}
	n, r := teredoHeaderLen(b, len(b))
	// An authentication header without an origin indication is not sufficient.
	return r == ok && n >= 8 && (b[1] == 0 || n >= 8+13+int(b[2])+int(b[3]))
}
