package models

import (
	"strconv"
	"strings"
)

// Proto is an IP protocol number (IANA "Assigned Internet Protocol Numbers").
type Proto uint8

// The protocols with a name; all others are written "IP-<number>".
const (
	ProtoICMP   Proto = 1
	ProtoTCP    Proto = 6
	ProtoUDP    Proto = 17
	ProtoICMPv6 Proto = 58
	ProtoSCTP   Proto = 132
)

// protoNames has the text of every number, so that String never allocates.
var protoNames = func() (n [256]string) {
	for i := range n {
		n[i] = "IP-" + strconv.Itoa(i)
	}
	n[ProtoICMP], n[ProtoTCP], n[ProtoUDP] = "ICMP", "TCP", "UDP"
	n[ProtoICMPv6], n[ProtoSCTP] = "ICMPv6", "SCTP"
	return n
}()

// String returns the name used in JSON: TCP, UDP, ICMP, ICMPv6, SCTP or IP-<number>.
func (p Proto) String() string { return protoNames[p] }

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
	case len(s) > 3 && strings.EqualFold(s[:3], "IP-"):
		n, err := strconv.ParseUint(s[3:], 10, 8)
		return Proto(n), err == nil
	}
	return 0, false
}
