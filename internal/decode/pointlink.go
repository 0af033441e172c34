package decode

import (
	"encoding/binary"

	"github.com/netlyra/netlyra/internal/models"
)

// null decodes the loopback of BSD: an address family of 4 bytes in the byte order
// of the capturing machine, or in network order (OpenBSD).
func (d *Decoder) null(b []byte, wire int) Reason {
	if len(b) < 4 {
		return TruncatedLink
	}
	family := binary.LittleEndian.Uint32(b)
	if family > 0xffff {
		family = be32(b)
	}
	switch family {
	case 2:
		return d.ip4(b[4:], wire-4)
	case 10, 23, 24, 28, 30: // AF_INET6 of Linux, Windows, NetBSD/OpenBSD, FreeBSD, Darwin
		return d.ip6(b[4:], wire-4)
	}
	return NotIP
}

// sll decodes Linux' "cooked" header of 16 bytes.
func (d *Decoder) sll(b []byte, wire int) Reason {
	if len(b) < 16 {
		return TruncatedLink
	}
	d.cookedSource(int(be16(b[4:])), b[6:])
	return d.cooked(be16(b[2:]), be16(b[14:]), b[16:], wire-16)
}

// sll2 decodes the second version, 20 bytes, protocol first.
func (d *Decoder) sll2(b []byte, wire int) Reason {
	if len(b) < 20 {
		return TruncatedLink
	}
	d.cookedSource(int(b[11]), b[12:])
	return d.cooked(be16(b[8:]), be16(b), b[20:], wire-20)
}

// cookedSource records the sender's address of n bytes at b; a cooked header has no
// destination.
func (d *Decoder) cookedSource(n int, b []byte) {
	if n == len(d.macs.src) {
		d.macs.src = models.MAC(b)
	}
}

// cooked decodes the payload of a cooked header with the given hardware type and protocol (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html).
func (d *Decoder) cooked(hardware, proto uint16, b []byte, wire int) Reason {
	const (
		arphrdNetlink  = 824
		arphrdFrad     = 770
		arphrd80211    = 801
		arphrdRadiotap = 803
		protoLLC       = 4 // the payload begins with an LLC header
	)
	switch hardware {
	case arphrdNetlink:
		return NotIP
	case arphrd80211:
		return d.wlan(b, wire)
	case arphrdRadiotap:
		return d.radiotap(b, wire)
	case arphrdFrad:
		return d.frameRelay(b, wire)
	}
	if proto == protoLLC {
		return d.llc(b, wire)
	}
	if proto <= lengthMax {
		return NotIP
	}
	return d.etherType(proto, b, wire)
}

// PPP protocol numbers (IANA "PPP Numbers").
const (
	pppIPv4   = 0x0021
	pppIPv6   = 0x0057
	pppMPLS   = 0x0281
	pppMPLSUp = 0x0283
)

// ppp decodes PPP (RFC 1661), with or without HDLC-like address and control bytes (RFC
// 1662), and Cisco HDLC, which has EtherTypes.
func (d *Decoder) ppp(b []byte, wire int) Reason {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		b, wire = b[2:], wire-2
	} else if len(b) >= 4 && (b[0] == 0x0f || b[0] == 0x8f) && b[1] == 0 {
		return d.etherType(be16(b[2:]), b[4:], wire-4)
	}
	return d.pppProto(b, wire)
}

// ciscoHDLC decodes Cisco's HDLC: address, control, EtherType. Some write PPP under the
// same link type.
func (d *Decoder) ciscoHDLC(b []byte, wire int) Reason {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		return d.ppp(b, wire)
	}
	return d.tagged(2, b, wire)
}

// pppd decodes PPP from pppd on Linux: the direction replaces the address.
func (d *Decoder) pppd(b []byte, wire int) Reason {
	if len(b) < 2 {
		return TruncatedLink
	}
	if b[1] == 0x03 {
		return d.pppProto(b[2:], wire-2)
	}
	return d.pppProto(b[1:], wire-1)
}

// pppProto decodes from the protocol field on, which may be compressed to one byte.
func (d *Decoder) pppProto(b []byte, wire int) Reason {
	if len(b) < 2 {
		return TruncatedLink
	}
	proto, n := be16(b), 2
	if b[0]&1 != 0 {
		proto, n = uint16(b[0]), 1
	}
	b, wire = b[n:], wire-n
	switch proto {
	case pppIPv4:
		return d.ip4(b, wire)
	case pppIPv6:
		return d.ip6(b, wire)
	case pppMPLS, pppMPLSUp:
		return d.mpls(b, wire)
	}
	return NotIP
}

// pppoe decodes a PPPoE session frame (RFC 2516). Its length field excludes
// padding, as that of IP does, so it is only checked for plausibility.
func (d *Decoder) pppoe(b []byte, wire int) Reason {
	if len(b) < 6 {
		return TruncatedLink
	}
	if b[0] != 0x11 || b[1] != 0 {
		return NotIP // not version 1 type 1, or discovery
	}
	return d.pppProto(b[6:], wire-6)
}

// nflog decodes a packet of Linux' netfilter log: a family, then type-length-values in
// the byte order of the host, of which number 9 is the packet
// (https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html).
func (d *Decoder) nflog(b []byte, wire int) Reason {
	if len(b) < 4 {
		return TruncatedLink
	}
	if b[1] != 0 {
		return NotIP
	}
	b, wire = b[4:], wire-4
	for range maxHeaders {
		if len(b) < 4 {
			return TruncatedLink
		}
		n, t := int(binary.LittleEndian.Uint16(b)), binary.LittleEndian.Uint16(b[2:])
		if t > 0xff { // written with the other byte order
			n, t = int(be16(b)), be16(b[2:])
		}
		if t == 9 {
			return d.ip(b[4:], wire-4)
		}
		if n < 4 {
			return BadLinkLength
		}
		n = (n + 3) &^ 3
		if n > len(b) {
			return TruncatedLink
		}
		b, wire = b[n:], wire-n
	}
	return TooManyHeaders
}

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
