package decode

import (
	"encoding/binary"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// shimSamples have one for each tag before the EtherType.
func shimSamples(t testing.TB) []sample {
	a, b := []byte(inner4(t)), []byte(inner6(t))
	e := models.LinkEthernet
	type2 := func(x uint16) []byte { return binary.BigEndian.AppendUint16(nil, x) }
	icv := make([]byte, 16)
	ether := cat(etherBytes(etherIPv4), a)
	ttag := cat(etherBytes(etherTTag), []byte{1, 2, 3, 4, 5, 6}, type2(etherIPv4), a)
	return []sample{
		{"Cisco TTag", e, ttag, []string{tcp4}},
		{"Cisco TTag, IPv6", e, cat(etherBytes(etherTTag), make([]byte, 6), type2(etherIPv6), b), []string{udp6}},
		{"Cisco TTag behind a VLAN tag", e, cat(etherBytes(etherVLAN), []byte{0, 9}, type2(etherTTag), make([]byte, 6), type2(etherIPv4), a), []string{tcp4 + " vlan=9"}},
		{"VLAN tag behind Cisco TTag", e, cat(etherBytes(etherTTag), make([]byte, 6), type2(etherVLAN), []byte{0, 9}, type2(etherIPv4), a), []string{tcp4 + " vlan=9"}},
		{"Cisco CMD", e, cat(etherBytes(etherCMD), []byte{1, 1, 0, 1, 0, 100}, type2(etherIPv4), a), []string{tcp4}},
		{"Cisco CMD, two options", e, cat(etherBytes(etherCMD), []byte{1, 2, 0, 1, 0, 100, 0, 2, 0, 7}, type2(etherIPv4), a), []string{tcp4}},
		{"Cisco CMD and TTag", e, cat(etherBytes(etherCMD), []byte{1, 1, 0, 1, 0, 100}, type2(etherTTag), make([]byte, 6), type2(etherIPv4), a), []string{tcp4}},
		{"HSR", e, cat(etherBytes(etherHSR), []byte{0x10, 51, 0, 1}, type2(etherIPv4), a), []string{tcp4}},
		{"PRP", e, cat(ether, []byte{0, 1, 0xa0, 51, 0x88, 0xfb}), []string{tcp4}},
		{"FRER R-TAG", e, cat(etherBytes(etherRTag), []byte{0, 0, 0, 1}, type2(etherIPv4), a), []string{tcp4}},
		{"802.1BR E-TAG", e, cat(etherBytes(etherETag), make([]byte, 6), type2(etherVLAN), []byte{0, 9}, type2(etherIPv4), a), []string{tcp4 + " vlan=9"}},
		{"Marvell EDSA", e, cat(etherBytes(etherEDSA), []byte{0, 0, 0x40, 0, 0, 1}, type2(etherIPv4), a), []string{tcp4}},
		{"Q-in-Q 0x9300", e, cat(etherBytes(0x9300), []byte{0, 5}, type2(etherVLAN), []byte{0, 9}, type2(etherIPv4), a), []string{tcp4 + " vlan=5/9"}},
		{"MACsec in clear, SCI", e, cat(etherBytes(etherMACsec), []byte{0x20, 0, 0, 0, 0, 1}, make([]byte, 8), type2(etherIPv4), a, icv), []string{tcp4}},
		{"MACsec in clear, no SCI", e, cat(etherBytes(etherMACsec), []byte{0x00, 0, 0, 0, 0, 1}, type2(etherIPv6), b, icv), []string{udp6}},
		{"MACsec in clear, short length and padding", e, cat(etherBytes(etherMACsec), []byte{0x40, 47, 0, 0, 0, 1}, type2(etherIPv4), a, icv, make([]byte, 5)), []string{tcp4}},
		{"TRILL", e, cat(etherBytes(etherTRILL), []byte{0, 0x3f, 0, 1, 0, 2}, ether), []string{tcp4}},
		{"TRILL, options", e, cat(etherBytes(etherTRILL), []byte{0, 0x7f, 0, 1, 0, 2}, make([]byte, 4), ether), []string{tcp4}},
		{"NSH, IPv4", e, cat(etherBytes(etherNSH), []byte{0x0f, 0xc2, 2, 1, 0, 0, 1, 255}, a), []string{tcp4}},
		{"NSH, IPv6", e, cat(etherBytes(etherNSH), []byte{0x0f, 0xc6, 1, 2, 0, 0, 1, 255}, make([]byte, 16), b), []string{udp6}},
		{"NSH, Ethernet", e, cat(etherBytes(etherNSH), []byte{0x0f, 0xc2, 2, 3, 0, 0, 1, 255}, ether), []string{tcp4}},
		{"NSH, MPLS", e, cat(etherBytes(etherNSH), []byte{0x0f, 0xc2, 2, 5, 0, 0, 1, 255}, []byte{0, 1, 1, 64}, a), []string{tcp4}},
		{"NSH in NSH", e, cat(etherBytes(etherNSH), []byte{0x0f, 0xc2, 2, 4, 0, 0, 1, 255}, []byte{0x0f, 0xc2, 2, 1, 0, 0, 1, 255}, a), []string{tcp4}},
		{"LLC in a jumbo frame", e, cat(etherBytes(etherJumbo), snapBytes(etherIPv4), a), []string{tcp4}},
		{"MPLS pseudowire, TTag inside", e, cat(etherBytes(etherMPLS), []byte{0, 1, 1, 64}, ttag), []string{tcp4}},
		{"ERSPAN II, TTag inside", models.LinkRaw, outer4(t, 47, []byte{0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0}, ttag),
			[]string{brief4("IP-47", 0, 0, 103, 83), tcp4 + " in ERSPAN"}},
		{"VXLAN, HSR inside", models.LinkRaw, outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, etherBytes(etherHSR), []byte{0x10, 51, 0, 1}, type2(etherIPv4), a),
			[]string{brief4("UDP", 50000, 4789, 101, 73), tcp4 + " in VXLAN"}},
		{"GRE, VLAN tag", models.LinkRaw, outer4(t, 47, []byte{0, 0, 0x81, 0, 0, 9}, type2(etherIPv4), a), []string{brief4("IP-47", 0, 0, 73, 53), tcp4 + " vlan=9 in GRE"}},
		{"Geneve, TTag", models.LinkRaw, outerUDP(t, 50000, 6081, []byte{0, 0, 0x89, 0x88, 0, 0, 1, 0}, make([]byte, 6), type2(etherIPv4), a),
			[]string{brief4("UDP", 50000, 6081, 89, 61), tcp4 + " in Geneve"}},
	}
}

// TestKnownEtherTypes: what is known as an EtherType that leads to IP is what is read.
func TestKnownEtherTypes(t *testing.T) {
	d := New(DefaultConfig())
	var p models.Packet
	for typ := etherMin; typ <= 0xffff; typ++ {
		f := frame(binary.BigEndian.AppendUint16(etherBytes(0)[:12], uint16(typ)))
		err := d.Decode(f, &p) // nothing behind the EtherType
		if known := knownEtherType(uint16(typ)); known != (err != NotIP) {
			t.Errorf("%#x: known %v, but reading it says %v", typ, known, err)
		}
	}
}

// TestEncryptedIsCounted: a frame that MACsec encrypts has a separate reason, inside of
// a tunnel too.
func TestEncryptedIsCounted(t *testing.T) {
	secret := cat(etherBytes(etherMACsec), []byte{0x2c, 0, 0, 0, 0, 1}, make([]byte, 80))
	if _, err := decodeOne(t, models.LinkEthernet, secret); err != EncryptedFrame {
		t.Errorf("got %v", err)
	}
	d := New(DefaultConfig())
	var p models.Packet
	f := frame(outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, secret))
	f.Link = models.LinkRaw
	if err := d.Decode(f, &p); err != nil || p.N != 1 || d.Stats().InnerSkip[EncryptedFrame] != 1 {
		t.Errorf("%v, %d layers, %v", err, p.N, d.Stats().InnerSkip)
	}
}
