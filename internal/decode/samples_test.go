package decode

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/netlyra/netlyra/internal/models"
)

// sample is a frame with what its layers should be, one text each as brief writes them.
type sample struct {
	name   string
	link   models.LinkType
	frame  []byte
	layers []string
}

// What inner4 and inner6 are.
const (
	tcp4 = "TCP 192.0.2.1:4000>192.0.2.2:80 ip=45 payload=5"
	udp6 = "UDP [2001:db8::1]:5000>[2001:db8::2]:53 ip=56 payload=8"
)

// cat joins parts into one.
func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

func etherBytes(t uint16) []byte {
	return binary.BigEndian.AppendUint16([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}, t)
}

func snapBytes(t uint16) []byte {
	return binary.BigEndian.AppendUint16([]byte{0xaa, 0xaa, 3, 0, 0, 0}, t)
}

// linkSamples have one for each link layer.
func linkSamples(t testing.TB) []sample {
	a, b := []byte(inner4(t)), []byte(inner6(t))
	vlan := func(id uint16, typ uint16) []byte {
		return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, id), typ)
	}
	label := func(last bool) []byte {
		l := []byte{0, 1, 0x00, 64}
		if last {
			l[2] |= 1
		}
		return l
	}
	wlan := func(fc0, fc1 byte, extra int) []byte {
		h := make([]byte, 24+extra)
		h[0], h[1] = fc0, fc1
		return h
	}
	radiotap := []byte{0, 0, 8, 0, 0, 0, 0, 0}
	sll := func(hw, proto uint16) []byte {
		h := make([]byte, 16)
		binary.BigEndian.PutUint16(h[2:], hw)
		binary.BigEndian.PutUint16(h[14:], proto)
		return h
	}
	sll2 := func(hw, proto uint16) []byte {
		h := make([]byte, 20)
		binary.BigEndian.PutUint16(h, proto)
		binary.BigEndian.PutUint16(h[8:], hw)
		return h
	}
	e := models.LinkEthernet
	return []sample{
		{"ethernet IPv4", e, cat(etherBytes(etherIPv4), a), []string{tcp4}},
		{"ethernet IPv6", e, cat(etherBytes(etherIPv6), b), []string{udp6}},
		{"ethernet with padding", e, cat(etherBytes(etherIPv4), a, make([]byte, 9)), []string{tcp4}},
		{"802.1Q", e, cat(etherBytes(etherVLAN), vlan(0x6007, etherIPv4), a), []string{tcp4 + " vlan=7"}},
		{"802.1ad", e, cat(etherBytes(etherQinQ), vlan(100, etherVLAN), vlan(200, etherIPv6), b), []string{udp6 + " vlan=100/200"}},
		{"three tags", e, cat(etherBytes(etherQinQOld), vlan(1, etherVLAN), vlan(2, etherVLAN), vlan(3, etherIPv4), a), []string{tcp4 + " vlan=1/2"}},
		{"802.1Q with LLC", e, cat(etherBytes(etherVLAN), vlan(7, uint16(8+len(a))), snapBytes(etherIPv4), a), []string{tcp4 + " vlan=7"}},
		{"802.3 SNAP", e, cat(etherBytes(uint16(8+len(a))), snapBytes(etherIPv4), a), []string{tcp4}},
		{"802.3 LLC with IP's SAP", e, cat(etherBytes(uint16(3+len(a))), []byte{6, 6, 3}, a), []string{tcp4}},
		{"MPLS", e, cat(etherBytes(etherMPLS), label(true), a), []string{tcp4}},
		{"MPLS stack, IPv6", e, cat(etherBytes(etherMPLS), label(false), label(true), b), []string{udp6}},
		{"MPLS pseudowire", e, cat(etherBytes(etherMPLS), label(true), etherBytes(etherIPv4), a), []string{tcp4}},
		{"MPLS pseudowire, control word", e, cat(etherBytes(etherMPLS), label(true), make([]byte, 4), etherBytes(etherIPv4), a), []string{tcp4}},
		{"PBB", e, cat(etherBytes(etherQinQ), vlan(5, etherPBB), []byte{0, 0, 1, 2}, etherBytes(etherIPv4), a), []string{tcp4 + " vlan=5"}},
		{"FabricPath", e, cat(etherBytes(etherFabricPath), []byte{0, 1}, etherBytes(etherIPv4), a), []string{tcp4}},
		{"VN-Tag", e, cat(etherBytes(etherVNTag), []byte{0, 0, 0, 1}, []byte{0x81, 0}, vlan(9, etherIPv4), a), []string{tcp4 + " vlan=9"}},
		{"PPPoE", e, cat(etherBytes(etherPPPoE), []byte{0x11, 0, 0, 1, 0, byte(len(a) + 2), 0, 0x21}, a), []string{tcp4}},
		{"PPPoE, IPv6", e, cat(etherBytes(etherPPPoE), []byte{0x11, 0, 0, 1, 0, byte(len(b) + 2), 0, 0x57}, b), []string{udp6}},
		{"PPP", models.LinkPPP, cat([]byte{0, 0x21}, a), []string{tcp4}},
		{"PPP, compressed protocol", models.LinkPPP, cat([]byte{0x57}, b), []string{udp6}},
		{"PPP, MPLS", models.LinkPPP, cat([]byte{0xff, 3, 2, 0x81}, label(true), a), []string{tcp4}},
		{"PPP HDLC", models.LinkPPPHDLC, cat([]byte{0xff, 3, 0, 0x21}, a), []string{tcp4}},
		{"Cisco HDLC", models.LinkPPPHDLC, cat([]byte{0x0f, 0, 8, 0}, a), []string{tcp4}},
		{"PPP over Ethernet link", models.LinkPPPEther, cat([]byte{0x11, 0, 0, 1, 0, byte(len(a) + 2), 0, 0x21}, a), []string{tcp4}},
		{"Linux SLL", models.LinkLinuxSLL, cat(sll(1, etherIPv4), a), []string{tcp4}},
		{"Linux SLL, tagged", models.LinkLinuxSLL, cat(sll(1, etherVLAN), vlan(3, etherIPv4), a), []string{tcp4 + " vlan=3"}},
		{"Linux SLL, LLC", models.LinkLinuxSLL, cat(sll(1, 4), snapBytes(etherIPv4), a), []string{tcp4}},
		{"Linux SLL2", models.LinkLinuxSLL2, cat(sll2(1, etherIPv6), b), []string{udp6}},
		{"BSD null, little-endian", models.LinkNull, cat([]byte{2, 0, 0, 0}, a), []string{tcp4}},
		{"BSD null, big-endian", models.LinkNull, cat([]byte{0, 0, 0, 2}, a), []string{tcp4}},
		{"BSD null, IPv6 of Darwin", models.LinkNull, cat([]byte{30, 0, 0, 0}, b), []string{udp6}},
		{"BSD loop, IPv6 of OpenBSD", models.LinkLoop, cat([]byte{0, 0, 0, 24}, b), []string{udp6}},
		{"raw", models.LinkRaw, a, []string{tcp4}},
		{"raw IPv6", models.LinkIPv6, b, []string{udp6}},
		{"802.11", models.LinkIEEE80211, cat(wlan(8, 1, 0), snapBytes(etherIPv4), a), []string{tcp4}},
		{"802.11, four addresses", models.LinkIEEE80211, cat(wlan(8, 3, 6), snapBytes(etherIPv4), a), []string{tcp4}},
		{"802.11 QoS", models.LinkIEEE80211, cat(wlan(0x88, 1, 2), snapBytes(etherIPv6), b), []string{udp6}},
		{"802.11 QoS, header padded", models.LinkIEEE80211, cat(wlan(0x88, 1, 4), snapBytes(etherIPv6), b), []string{udp6}},
		{"802.11 QoS, HT control", models.LinkIEEE80211, cat(wlan(0x88, 0x81, 6), snapBytes(etherIPv4), a), []string{tcp4}},
		{"radiotap", models.LinkRadiotap, cat(radiotap, wlan(8, 2, 0), snapBytes(etherIPv4), a, []byte{1, 2, 3, 4}), []string{tcp4}},
		{"NFLOG", 239, cat([]byte{2, 0, 0, 5}, []byte{5, 0, 10, 0, 'x', 0, 0, 0}, []byte{49, 0, 9, 0}, a), []string{tcp4}},
		{"NFLOG, big-endian", 239, cat([]byte{2, 0, 0, 5}, []byte{0, 5, 0, 10, 'x', 0, 0, 0}, []byte{0, 49, 0, 9}, a), []string{tcp4}},
		{"FDDI", 10, cat(make([]byte, 13), snapBytes(etherIPv4), a), []string{tcp4}},
	}
}

// outer4 is an IPv4 header around body.
func outer4(t testing.TB, proto layers.IPProtocol, body ...[]byte) []byte {
	return build(t, ip4("10.0.0.1", "10.0.0.2", proto), gopacket.Payload(cat(body...)))
}

// outerUDP is a UDP datagram around body.
func outerUDP(t testing.TB, src, dst uint16, body ...[]byte) []byte {
	return build(t, ip4("10.0.0.1", "10.0.0.2", layers.IPProtocolUDP), udpPorts(src, dst), gopacket.Payload(cat(body...)))
}

// tunnelSamples have one for each tunnel, and nested ones.
func tunnelSamples(t testing.TB) []sample {
	a, b := []byte(inner4(t)), []byte(inner6(t))
	ether := cat(etherBytes(etherIPv4), a)
	sipit := make([]byte, 24) // 802.11 header
	sipit[0], sipit[1] = 8, 1
	e3 := make([]byte, 12)
	e3o := make([]byte, 20)
	e3o[11] = 1
	bubble := build(t, ip6("2001:0:1::1", "2001:0:2::2", layers.IPProtocolNoNextHeader))
	teredo := build(t, ip6("2001:0:1::1", "2001:db8::2", layers.IPProtocolUDP), udpPorts(5000, 53), payload("question"))
	const teredoUDP = "UDP [2001:0:1::1]:5000>[2001:db8::2]:53 ip=56 payload=8 in Teredo"
	raw := models.LinkRaw
	carrier := func(proto string, ip, payload int) string { return brief4(proto, 0, 0, ip, payload) }
	udp := func(src, dst uint16, n int) string { return brief4("UDP", src, dst, 28+n, n) }
	return []sample{
		{"4in4", raw, outer4(t, 4, a), []string{carrier("IP-4", 65, 45), tcp4 + " in IP"}},
		{"6in4", raw, outer4(t, 41, b), []string{carrier("IP-41", 76, 56), udp6 + " in IP"}},
		{"4in6", raw, build(t, ip6("2001:db8::a", "2001:db8::b", 4), gopacket.Payload(a)), []string{"IP-4 [2001:db8::a]:0>[2001:db8::b]:0 ip=85 payload=45", tcp4 + " in IP"}},
		{"4in4in4", raw, outer4(t, 4, outer4(t, 4, a)), []string{carrier("IP-4", 85, 65), carrier("IP-4", 65, 45) + " in IP", tcp4 + " in IP,IP"}},
		{"4in4 of another length stays", raw, outer4(t, 4, a, []byte{0}), []string{carrier("IP-4", 66, 46)}},
		{"GRE", raw, outer4(t, 47, []byte{0, 0, 8, 0}, a), []string{carrier("IP-47", 69, 49), tcp4 + " in GRE"}},
		{"GRE, IPv6", raw, outer4(t, 47, []byte{0, 0, 0x86, 0xdd}, b), []string{carrier("IP-47", 80, 60), udp6 + " in GRE"}},
		{"GRE, checksum key sequence", raw, outer4(t, 47, []byte{0xb0, 0, 8, 0}, make([]byte, 12), a), []string{carrier("IP-47", 81, 61), tcp4 + " in GRE"}},
		{"GRE with a route stays", raw, outer4(t, 47, []byte{0x40, 0, 8, 0}, make([]byte, 8), a), []string{carrier("IP-47", 77, 57)}},
		{"GRE keepalive stays", raw, outer4(t, 47, []byte{0, 0, 0, 0}), []string{carrier("IP-47", 24, 4)}},
		{"GRE, Ethernet", raw, outer4(t, 47, []byte{0, 0, 0x65, 0x58}, ether), []string{carrier("IP-47", 83, 63), tcp4 + " in GRE"}},
		{"GRE, MPLS", raw, outer4(t, 47, []byte{0, 0, 0x88, 0x47, 0, 0, 1, 64}, a), []string{carrier("IP-47", 73, 53), tcp4 + " in GRE"}},
		{"GRE, Aruba", raw, outer4(t, 47, []byte{0, 0, 0x82, 0}, sipit, snapBytes(etherIPv4), a), []string{carrier("IP-47", 101, 81), tcp4 + " in GRE"}},
		{"ERSPAN I", raw, outer4(t, 47, []byte{0, 0, 0x88, 0xbe}, ether), []string{carrier("IP-47", 83, 63), tcp4 + " in ERSPAN"}},
		{"ERSPAN II", raw, outer4(t, 47, []byte{0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0}, ether), []string{carrier("IP-47", 95, 75), tcp4 + " in ERSPAN"}},
		{"ERSPAN III", raw, outer4(t, 47, []byte{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1}, e3, ether), []string{carrier("IP-47", 99, 79), tcp4 + " in ERSPAN"}},
		{"ERSPAN III, subheader", raw, outer4(t, 47, []byte{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1}, e3o, ether), []string{carrier("IP-47", 107, 87), tcp4 + " in ERSPAN"}},
		{"PPTP", raw, outer4(t, 47, []byte{0x30, 0x81, 0x88, 0x0b, 0, 49, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21}, a), []string{carrier("IP-47", 85, 65), tcp4 + " in GRE"}},
		{"PPTP, compressed PPP", raw, outer4(t, 47, []byte{0x30, 0x01, 0x88, 0x0b, 0, 46, 0, 1, 0, 0, 0, 1, 0x21}, a), []string{carrier("IP-47", 78, 58), tcp4 + " in GRE"}},
		{"GRE in UDP", raw, outerUDP(t, 50000, 4754, []byte{0, 0, 8, 0}, a), []string{udp(50000, 4754, 49), tcp4 + " in GRE"}},
		{"VXLAN", raw, outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, ether), []string{udp(50000, 4789, 67), tcp4 + " in VXLAN"}},
		{"VXLAN, tagged inside", raw, outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, etherBytes(etherVLAN), []byte{0, 12, 8, 0}, a), []string{udp(50000, 4789, 71), tcp4 + " vlan=12 in VXLAN"}},
		{"VXLAN without its flag stays", raw, outerUDP(t, 50000, 4789, make([]byte, 8), ether), []string{udp(50000, 4789, 67)}},
		{"VXLAN with ARP stays", raw, outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, etherBytes(0x0806), make([]byte, 28)), []string{udp(50000, 4789, 50)}},
		{"Geneve", raw, outerUDP(t, 50000, 6081, []byte{0, 0, 0x65, 0x58, 0, 0, 1, 0}, ether), []string{udp(50000, 6081, 67), tcp4 + " in Geneve"}},
		{"Geneve, options", raw, outerUDP(t, 50000, 6081, []byte{2, 0, 8, 0, 0, 0, 1, 0, 1, 2, 3, 1, 0, 0, 0, 0}, a), []string{udp(50000, 6081, 61), tcp4 + " in Geneve"}},
		{"GTP-U", raw, outerUDP(t, 2152, 2152, []byte{0x30, 255, 0, 45, 0, 0, 0, 1}, a), []string{udp(2152, 2152, 53), tcp4 + " in GTPv1"}},
		{"GTP-U, sequence", raw, outerUDP(t, 2152, 2152, []byte{0x32, 255, 0, 60, 0, 0, 0, 1, 0, 1, 0, 0}, b), []string{udp(2152, 2152, 68), udp6 + " in GTPv1"}},
		{"GTP-U, extension headers", raw, outerUDP(t, 2152, 2152, []byte{0x34, 255, 0, 57, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0x10, 0, 0x85, 1, 0, 0, 0}, a), []string{udp(2152, 2152, 65), tcp4 + " in GTPv1"}},
		{"GTP-U in GTP-U stays", raw, outerUDP(t, 2152, 2152, []byte{0x30, 255, 0, 81, 0, 0, 0, 1}, outerUDP(t, 2152, 2152, []byte{0x30, 255, 0, 45, 0, 0, 0, 1}, a)), []string{udp(2152, 2152, 89), udp(2152, 2152, 53) + " in GTPv1"}},
		{"GTP of another length stays", raw, outerUDP(t, 2152, 2152, []byte{0x30, 255, 0, 45, 0, 0, 0, 1}, a[:40]), []string{udp(2152, 2152, 48)}},
		{"Teredo", raw, outerUDP(t, 50000, 3544, b), []string{udp(50000, 3544, 56), udp6 + " in Teredo"}},
		{"Teredo, origin indication", raw, outerUDP(t, 3544, 50000, make([]byte, 8), b), []string{udp(3544, 50000, 64), udp6 + " in Teredo"}},
		{"Teredo, authentication and origin", raw, outerUDP(t, 3544, 50000, []byte{0, 1, 1, 1, 'i', 'a', 0, 0, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 8), b), []string{udp(3544, 50000, 79), udp6 + " in Teredo"}},
		{"Teredo on another port", raw, outerUDP(t, 50000, 50001, teredo), []string{udp(50000, 50001, 56), teredoUDP}},
		{"Teredo bubble", raw, outerUDP(t, 50000, 50001, bubble), []string{udp(50000, 50001, 40), "IP-59 [2001:0:1::1]:0>[2001:0:2::2]:0 ip=40 payload=0 in Teredo"}},
		{"Teredo bubble with payload", raw, outerUDP(t, 50000, 50001, bubble, []byte{1, 2, 3, 4}), []string{udp(50000, 50001, 44), "IP-59 [2001:0:1::1]:0>[2001:0:2::2]:0 ip=40 payload=0 in Teredo"}},
		{"IPv6 without Teredo's address on another port stays", raw, outerUDP(t, 50000, 50001, b), []string{udp(50000, 50001, 56)}},
		{"Teredo with something behind stays", raw, outerUDP(t, 50000, 3544, b, []byte{0}), []string{udp(50000, 3544, 57)}},
		{"AYIYA", raw, outerUDP(t, 50000, 5072, []byte{0x44, 0x52, 0x11, 41, 0, 0, 0, 0}, make([]byte, 16+20), b), []string{udp(50000, 5072, 100), udp6 + " in AYIYA"}},
		{"AYIYA on another port", raw, outerUDP(t, 50000, 8374, []byte{0x44, 0x52, 0x11, 41, 0, 0, 0, 0}, make([]byte, 16+20), b), []string{udp(50000, 8374, 100), udp6 + " in AYIYA"}},
		{"AYIYA heartbeat stays", raw, outerUDP(t, 50000, 5072, []byte{0x44, 0x52, 0x10, 59, 0, 0, 0, 0}, make([]byte, 16+20)), []string{udp(50000, 5072, 44)}},
		{"a server's answer to a tunnel port stays", raw, outerUDP(t, 53, 40000, []byte{8, 0, 0, 0, 0, 0, 1, 0}, ether), []string{udp(53, 40000, 67)}},
		{"GTP's port asks a name server", raw, outerUDP(t, 2152, 53, []byte{0x30, 255, 0, 45, 0, 0, 0, 1}, a), []string{udp(2152, 53, 53)}},
	}
}
