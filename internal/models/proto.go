package models

import (
	"strconv"
	"strings"
)

// Proto is the protocol of a packet: an IP protocol number (IANA "Assigned Internet Protocol
// Numbers"), or from 256 on a protocol of the link layer, whose packets have no IP header.
type Proto uint16

// The IP protocols with a name; all others are written "IP-<number>".
const (
	ProtoICMP   Proto = 1
	ProtoTCP    Proto = 6
	ProtoUDP    Proto = 17
	ProtoICMPv6 Proto = 58
	ProtoSCTP   Proto = 132
)

// The protocols of the link layer.
const (
	ProtoARP  Proto = 256 // ARP and RARP (RFC 826, RFC 903), for IPv4
	ProtoSTP  Proto = 257 // spanning tree (IEEE 802.1D, 802.1w, 802.1s, and Cisco's per-VLAN form)
	ProtoLLDP Proto = 258 // link layer discovery (IEEE 802.1AB)
)

// Protos is the number of protocols: valid values are below it.
const Protos = 259

// IsLink reports whether p is a protocol of the link layer.
func (p Proto) IsLink() bool { return p >= ProtoARP }

// protoNames has the text of every number, so that String never allocates.
var protoNames = func() (n [Protos]string) {
	for i := range n {
		n[i] = "IP-" + strconv.Itoa(i)
	}
	n[ProtoICMP], n[ProtoTCP], n[ProtoUDP] = "ICMP", "TCP", "UDP"
	n[ProtoICMPv6], n[ProtoSCTP] = "ICMPv6", "SCTP"
	n[ProtoARP], n[ProtoSTP], n[ProtoLLDP] = "ARP", "STP", "LLDP"
	return n
}()

// ProtoForms describes the names of protocols in error messages.
const ProtoForms = "TCP, UDP, ICMP, ICMPv6, SCTP, ARP, STP, LLDP or IP-<0…255>"

// String returns the name used in JSON: TCP, UDP, ICMP, ICMPv6, SCTP, ARP, STP, LLDP or
// IP-<number>; "unknown" for a value that is no protocol.
func (p Proto) String() string {
	if p >= Protos {
		return "unknown"
	}
	return protoNames[p]
}

// ParseProto parses a name that String returns, in any case.
func ParseProto(s string) (Proto, bool) {
	switch {
	case strings.EqualFold(s, "TCP"):
		return ProtoTCP, true
	case strings.EqualFold(s, "UDP"):
		return ProtoUDP, true
	case strings.EqualFold(s, "ICMP"):
		return ProtoICMP, true
	case strings.EqualFold(s, "ICMPv6"):
		return ProtoICMPv6, true
	case strings.EqualFold(s, "SCTP"):
		return ProtoSCTP, true
	case strings.EqualFold(s, "ARP"):
		return ProtoARP, true
	case strings.EqualFold(s, "STP"):
		return ProtoSTP, true
	case strings.EqualFold(s, "LLDP"):
		return ProtoLLDP, true
	case len(s) > 3 && strings.EqualFold(s[:3], "IP-"):
		n, err := strconv.ParseUint(s[3:], 10, 8)
		return Proto(n), err == nil
	}
	return 0, false
}
