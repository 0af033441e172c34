package decode

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// arpBytes is an ARP message without its frame.
func arpBytes(op uint16, hw net.HardwareAddr, sender, target string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0, 1, 8, 0, 6, 4}, op)
	s, t := addr(sender).As4(), addr(target).As4()
	return cat(b, hw, s[:], make([]byte, 6), t[:])
}

// stpFrame is an 802.3 frame with an LLC address and padding.
func stpFrame(sap byte, body []byte) []byte {
	b := cat(etherBytes(uint16(len(body)+3)), []byte{sap, sap, 3}, body)
	return append(b, make([]byte, max(0, 60-len(b)))...)
}

// bpduBytes is a configuration or rapid message whose root bridge is macB.
func bpduBytes(version, typ byte) []byte {
	return cat([]byte{0, 0, version, typ, 0, 0x80, 0}, macB, make([]byte, 23))
}

// messageSample is a frame and the packet that it yields.
type messageSample struct {
	name  string
	link  models.LinkType
	frame []byte
	want  models.PacketMeta // IP lengths, TTL and entropy are not compared
}

var (
	hwA, hwB = models.MAC(macA), models.MAC(macB)
	zeroIP   = netip.AddrFrom4([4]byte{})
)

func messageSamples(t testing.TB) []messageSample {
	e := models.LinkEthernet
	arp := arpBytes(2, macA, "10.0.0.1", "10.0.0.2")
	packet := func(p models.Proto, msg uint8, hw models.MAC) models.PacketMeta {
		return models.PacketMeta{Proto: p, Msg: msg, HWAddr: hw, SrcMAC: hwA, DstMAC: hwB}
	}
	arpOf := func(op uint16, sender, target netip.Addr) models.PacketMeta {
		m := packet(models.ProtoARP, uint8(op), hwA)
		m.SrcPort, m.Src, m.Dst = op, sender, target
		return m
	}
	reply := arpOf(2, addr("10.0.0.1"), addr("10.0.0.2"))
	tagged := reply
	tagged.VLAN = 9
	tunnelled := reply
	tunnelled.Tunnel, _ = tunnelled.Tunnel.Push(models.TunnelVXLAN)
	unknownFrame := reply
	unknownFrame.DstMAC = models.MAC{}
	infiniband := cat([]byte{0, 32, 8, 0, 20, 4, 0, 1}, make([]byte, 20), []byte{10, 0, 0, 1}, make([]byte, 20), []byte{10, 0, 0, 2})
	noHW := arpOf(1, addr("10.0.0.1"), addr("10.0.0.2"))
	noHW.HWAddr = models.MAC{}
	sll := cat([]byte{0, 0, 0, 1, 0, 6}, macA, []byte{0, 0, 8, 6}, arp)
	sll2 := cat([]byte{8, 6, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6}, macA, []byte{0, 0}, arp)
	wlan := func(direction byte, a1, a2, a3, a4 net.HardwareAddr) []byte {
		return cat([]byte{8, direction, 0, 0}, a1, a2, a3, []byte{0, 0}, a4, snapBytes(etherARP), arp)
	}
	return []messageSample{
		{"ARP request", e, cat(etherBytes(etherARP), arpBytes(1, macA, "10.0.0.1", "10.0.0.2"), make([]byte, 18)), arpOf(1, addr("10.0.0.1"), addr("10.0.0.2"))},
		{"ARP reply", e, cat(etherBytes(etherARP), arp), reply},
		{"ARP probe", e, cat(etherBytes(etherARP), arpBytes(1, macA, "0.0.0.0", "10.0.0.2")), arpOf(1, zeroIP, addr("10.0.0.2"))},
		{"gratuitous ARP", e, cat(etherBytes(etherARP), arpBytes(1, macA, "10.0.0.1", "10.0.0.1")), arpOf(1, addr("10.0.0.1"), addr("10.0.0.1"))},
		{"RARP", e, cat(etherBytes(etherRARP), arpBytes(3, macA, "0.0.0.0", "0.0.0.0")), arpOf(3, zeroIP, zeroIP)},
		{"ARP with a tag", e, cat(etherBytes(etherVLAN), []byte{0, 9, 8, 6}, arp), tagged},
		{"ARP in VXLAN", e, cat(etherBytes(etherIPv4), outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, etherBytes(etherARP), arp)), tunnelled},
		{"ARP with long addresses", e, cat(etherBytes(etherARP), infiniband), noHW},
		{"ARP, Linux cooked", models.LinkLinuxSLL, sll, unknownFrame},
		{"ARP, Linux cooked v2", models.LinkLinuxSLL2, sll2, unknownFrame},
		{"ARP, 802.11 without access point", models.LinkIEEE80211, wlan(0, macB, macA, macBSS, nil), reply},
		{"ARP, 802.11 to the access point", models.LinkIEEE80211, wlan(1, macBSS, macA, macB, nil), reply},
		{"ARP, 802.11 from the access point", models.LinkIEEE80211, wlan(2, macB, macBSS, macA, nil), reply},
		{"ARP, 802.11 between access points", models.LinkIEEE80211, wlan(3, macBSS, macBSS, macB, macA), reply},
		{"ARP with an EDSA tag", 285, cat(macB, macA, []byte{0xda, 0xda, 0, 0, 0, 0, 0, 0}, []byte{8, 6}, arp), reply},
		{"spanning tree", e, stpFrame(0x42, bpduBytes(0, 0)), packet(models.ProtoSTP, 0, hwB)},
		{"rapid spanning tree", e, stpFrame(0x42, bpduBytes(2, 2)), packet(models.ProtoSTP, 2, hwB)},
		{"topology change", e, stpFrame(0x42, []byte{0, 0, 0, 0x80}), packet(models.ProtoSTP, 0x80, models.MAC{})},
		{"Cisco's spanning tree", e, cat(etherBytes(50), []byte{0xaa, 0xaa, 3, 0, 0, 0x0c, 1, 0x0b}, bpduBytes(2, 2), make([]byte, 6)), packet(models.ProtoSTP, 2, hwB)},
		{"LLDP", e, cat(etherBytes(etherLLDP), []byte{2, 7, 4}, macB, []byte{4, 2, 7, '1', 0, 0}), packet(models.ProtoLLDP, 0, hwB)},
		{"LLDP, name as chassis id", e, cat(etherBytes(etherLLDP), []byte{2, 7, 7}, []byte("bridge"), []byte{0, 0}), packet(models.ProtoLLDP, 0, models.MAC{})},
	}
}

var macBSS, _ = net.ParseMAC("02:00:00:00:00:0f")

func TestLinkMessages(t *testing.T) {
	for _, s := range messageSamples(t) {
		t.Run(s.name, func(t *testing.T) {
			p := mustDecode(t, s.link, s.frame)
			got := p.Meta
			if got.WireLen != uint32(len(s.frame)) {
				t.Errorf("%d bytes on the wire, want %d", got.WireLen, len(s.frame))
			}
			got.WireLen = 0
			if got != s.want {
				t.Errorf("\ngot  %+v\nwant %+v", got, s.want)
			}
			checkMeta(t, p)
		})
	}
}

// TestLinkAddresses: the addresses are those of the frame around the innermost packet, and
// a packet has none of an earlier one.
func TestLinkAddresses(t *testing.T) {
	inner := cat(macBSS, macB, []byte{8, 0}, inner4(t))
	vxlan := cat(etherBytes(etherIPv4), outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, inner))
	bss := models.MAC(macBSS)
	d := New(DefaultConfig())
	var p models.Packet
	for _, c := range []struct {
		name     string
		frame    []byte
		src, dst models.MAC
	}{
		{"Ethernet", cat(etherBytes(etherIPv4), inner4(t)), hwA, hwB},
		{"VXLAN", vxlan, hwB, bss},
		{"IP in IP", cat(etherBytes(etherIPv4), outer4(t, 4, inner4(t))), models.MAC{}, models.MAC{}},
		{"a tunnel whose content is not decoded", cat(etherBytes(etherIPv4), outer4(t, 47, []byte{0, 0, 0x65, 0x58}, macBSS, macBSS, []byte{0x88, 9, 0, 0})), hwA, hwB},
		{"ARP", cat(etherBytes(etherARP), arpBytes(1, macB, "10.0.0.1", "10.0.0.2")), hwA, hwB},
		{"after ARP", cat(etherBytes(etherIPv4), inner4(t)), hwA, hwB},
	} {
		if err := d.Decode(frame(c.frame), &p); err != nil {
			t.Fatal(c.name, err)
		}
		if m := p.Meta; m.SrcMAC != c.src || m.DstMAC != c.dst || !m.Proto.IsLink() && (!m.HWAddr.IsZero() || m.Msg != 0) {
			t.Errorf("%s: %v to %v, states %v, message %d", c.name, m.SrcMAC, m.DstMAC, m.HWAddr, m.Msg)
		}
	}
}

// TestStatedAddresses: DHCP, DHCPv6 and neighbor discovery stay what they are, and state an address.
func TestStatedAddresses(t *testing.T) {
	dhcp := make([]byte, 236)
	dhcp[0], dhcp[1], dhcp[2] = 1, 1, 6
	copy(dhcp[28:], macB)
	dhcp = cat(dhcp, []byte{0x63, 0x82, 0x53, 0x63, 0, 12, 1, 'h', 53, 1, 3, 255})
	duid := cat([]byte{0, 3, 0, 1}, macB)
	v6 := cat([]byte{1, 0, 0, 1, 0, 8, 0, 2, 0, 0, 0, 1, 0, byte(len(duid))}, duid)
	neighbor := cat([]byte{136, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 16), []byte{1, 1}, macA, []byte{2, 1}, macB)
	for _, c := range []struct {
		name  string
		frame []byte
		proto models.Proto
		msg   uint8
	}{
		{"DHCP", outerUDP(t, 68, 67, dhcp), models.ProtoUDP, 3},
		{"DHCP relay", outerUDP(t, 67, 67, dhcp), models.ProtoUDP, 3},
		{"DHCPv6", outerUDP(t, 546, 547, v6), models.ProtoUDP, 1},
		{"neighbor advertisement", raw6(t, 58, neighbor), models.ProtoICMPv6, 0},
	} {
		m := mustDecode(t, models.LinkRaw, c.frame).Meta
		if m.Proto != c.proto || m.HWAddr != hwB || m.Msg != c.msg {
			t.Errorf("%s: %v, states %v, message %d", c.name, m.Proto, m.HWAddr, m.Msg)
		}
	}
}

// TestMessagesDoNotAllocate complements TestNoAllocations.
func TestMessagesDoNotAllocate(t *testing.T) {
	d, p := New(DefaultConfig()), benchPacket()
	for _, s := range messageSamples(t) {
		f := &models.Frame{Link: s.link, Data: s.frame, WireLen: uint32(len(s.frame))}
		if n := testing.AllocsPerRun(20, func() { _ = d.Decode(f, p) }); n != 0 {
			t.Errorf("%s: %v allocations", s.name, n)
		}
	}
}
