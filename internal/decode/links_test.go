package decode

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// moreLinkSamples have one for each form of the link types that headers of the
// capturing system begin, and of those of wide area networks.
func moreLinkSamples(t testing.TB) []sample {
	a, b := []byte(inner4(t)), []byte(inner6(t))
	le := binary.LittleEndian
	ether := cat(etherBytes(etherIPv4), a)
	wlan := make([]byte, 24)
	wlan[0], wlan[1] = 8, 1
	wlan = cat(wlan, snapBytes(etherIPv4), a)
	pflog := func(n byte, size int) []byte { h := make([]byte, size); h[0], h[1] = n, 2; return h }
	ppi := func(dlt uint32, fields int) []byte {
		h := make([]byte, 8+fields)
		le.PutUint16(h[2:], uint16(len(h)))
		le.PutUint32(h[4:], dlt)
		return h
	}
	pktap := func(n int, dlt uint32) []byte {
		h := make([]byte, n)
		le.PutUint32(h, uint32(n))
		le.PutUint32(h[4:], 1)
		le.PutUint32(h[8:], dlt)
		copy(h[12:], "en0")
		h[36] = 1
		return h
	}
	pktap2 := func(n byte, dlt uint16) []byte {
		h := make([]byte, n)
		h[0] = n
		le.PutUint16(h[6:], dlt)
		le.PutUint32(h[36:], 0x00080001)
		return h
	}
	prism := make([]byte, 144)
	le.PutUint32(prism, 0x44)
	le.PutUint32(prism[4:], 144)
	avs := make([]byte, 64)
	binary.BigEndian.PutUint32(avs, 0x80211001)
	binary.BigEndian.PutUint32(avs[4:], 64)
	ib := func(lnh byte, grh int) []byte {
		h := make([]byte, 8+grh+20)
		h[1], h[8+grh] = lnh, 0x64
		return h
	}
	bridged := []byte{0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7}
	ring := func(route ...byte) []byte {
		h := make([]byte, 14)
		h[0], h[1] = 0x10, 0x40
		if len(route) > 0 {
			h[8] |= 0x80
		}
		return cat(h, route)
	}
	return []sample{
		{"Token Ring", 6, cat(ring(), snapBytes(etherIPv4), a), []string{tcp4}},
		{"Token Ring with a route", 6, cat(ring(6, 0x30, 0, 1, 0, 2), snapBytes(etherIPv4), a), []string{tcp4}},
		{"SLIP", 8, cat(make([]byte, 16), a), []string{tcp4}},
		{"ATM, SNAP", 100, cat(snapBytes(etherIPv6), b), []string{udp6}},
		{"ATM, bridged", 100, cat(bridged, []byte{0, 0}, ether), []string{tcp4}},
		{"ATM, routed with NLPID", 100, cat([]byte{0xfe, 0xfe, 3, 0xcc}, a), []string{tcp4}},
		{"Classical IP over ATM", 106, cat(a), []string{tcp4}},
		{"Cisco HDLC", 104, cat([]byte{0x0f, 0, 8, 0}, a), []string{tcp4}},
		{"Cisco HDLC, multicast, IPv6", 104, cat([]byte{0x8f, 0, 0x86, 0xdd}, b), []string{udp6}},
		{"Cisco HDLC, MPLS", 104, cat([]byte{0x0f, 0, 0x88, 0x47, 0, 1, 1, 64}, a), []string{tcp4}},
		{"Cisco HDLC with direction", 205, cat([]byte{1, 0x0f, 0, 8, 0}, a), []string{tcp4}},
		{"Frame Relay, IPv4", 107, cat([]byte{0x18, 0x41, 3, 0xcc}, a), []string{tcp4}},
		{"Frame Relay, IPv6 and padding", 107, cat([]byte{0x18, 0x41, 3, 0, 0x8e}, b), []string{udp6}},
		{"Frame Relay, SNAP", 107, cat([]byte{0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0}, a), []string{tcp4}},
		{"Frame Relay, bridged", 107, cat([]byte{0x18, 0x41, 3, 0, 0x80, 0, 0x80, 0xc2, 0, 7}, ether), []string{tcp4}},
		{"Frame Relay, PPP", 107, cat([]byte{0x18, 0x41, 3, 0xcf, 0, 0x21}, a), []string{tcp4}},
		{"Frame Relay, Cisco's", 107, cat([]byte{0x18, 0x41, 8, 0}, a), []string{tcp4}},
		{"Frame Relay, address of four bytes", 107, cat([]byte{0x18, 0x40, 0x40, 0x41, 3, 0xcc}, a), []string{tcp4}},
		{"Frame Relay with direction", 206, cat([]byte{1, 0x18, 0x41, 3, 0xcc}, a), []string{tcp4}},
		{"enc", 109, cat([]byte{2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, a), []string{tcp4}},
		{"enc, IPv6", 109, cat([]byte{24, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, b), []string{udp6}},
		{"pflog of FreeBSD", 117, cat(pflog(61, 64), a), []string{tcp4}},
		{"pflog of OpenBSD", 117, cat(pflog(100, 100), b), []string{udp6}},
		{"pflog of FreeBSD 14", 117, cat(pflog(69, 72), a), []string{tcp4}},
		{"Prism", 119, cat(prism, wlan), []string{tcp4}},
		{"AVS under Prism's number", 119, cat(avs, wlan), []string{tcp4}},
		{"AVS", 163, cat(avs, wlan), []string{tcp4}},
		{"IP over Fibre Channel", 122, cat(make([]byte, 16), snapBytes(etherIPv4), a), []string{tcp4}},
		{"SunATM", 123, cat([]byte{2, 0, 0, 0}, snapBytes(etherIPv4), a), []string{tcp4}},
		{"IP over IEEE 1394", 138, cat(make([]byte, 16), []byte{8, 0}, a), []string{tcp4}},
		{"pppd", 166, cat([]byte{1, 3, 0, 0x21}, a), []string{tcp4}},
		{"PPP with direction", 204, cat([]byte{0, 0xff, 3, 0, 0x21}, a), []string{tcp4}},
		{"PPP with direction, no HDLC header", 204, cat([]byte{1, 0, 0x57}, b), []string{udp6}},
		{"PPI, 802.11", 192, cat(ppi(105, 24), wlan), []string{tcp4}},
		{"PPI, Ethernet", 192, cat(ppi(1, 0), ether), []string{tcp4}},
		{"PPI, raw IP", 192, cat(ppi(101, 0), b), []string{udp6}},
		{"MPLS", 219, cat([]byte{0, 1, 1, 64}, a), []string{tcp4}},
		{"IPNET", 226, cat([]byte{1, 2, 0, 0, 0, 0, 0, byte(len(a))}, make([]byte, 16), a), []string{tcp4}},
		{"netANALYZER", 240, cat(make([]byte, 4), ether, make([]byte, 4)), []string{tcp4}},
		{"netANALYZER transparent", 241, cat(make([]byte, 4), bytes.Repeat([]byte{0x55}, 7), []byte{0xd5}, ether, make([]byte, 4)), []string{tcp4}},
		{"IPoIB", 242, cat([]byte{8, 0, 0, 0}, a), []string{tcp4}},
		{"IPoIB behind a global routing header", 242, cat([]byte{0x60}, make([]byte, 39), []byte{0x86, 0xdd, 0, 0}, b), []string{udp6}},
		{"InfiniBand", 247, cat(ib(2, 0), []byte{8, 0, 0, 0}, a, make([]byte, 6)), []string{tcp4}},
		{"InfiniBand, global", 247, cat(ib(3, 40), []byte{0x86, 0xdd, 0, 0}, b, make([]byte, 6)), []string{udp6}},
		{"PKTAP, Ethernet", 258, cat(pktap(156, 1), ether), []string{tcp4}},
		{"PKTAP, raw IP", 258, cat(pktap(108, 12), b), []string{udp6}},
		{"PKTAP, loopback", 258, cat(pktap(156, 0), []byte{2, 0, 0, 0}, a), []string{tcp4}},
		{"PKTAP version 2", 258, cat(pktap2(60, 1), ether), []string{tcp4}},
		{"PKTAP under DLT_USER2", 149, cat(pktap(156, 1), ether), []string{tcp4}},
		{"PKTAP version 2 under DLT_USER2", 149, cat(pktap2(44, 1), ether), []string{tcp4}},
		{"IP under DLT_USER2", 149, cat(a), []string{tcp4}},
		{"EPON", 259, cat(make([]byte, 8), ether), []string{tcp4}},
		{"Broadcom tag", 281, cat(etherBytes(0)[:12], []byte{0, 0, 0, 1, 8, 0}, a), []string{tcp4}},
		{"Broadcom tag, prepended", 282, cat([]byte{0, 0, 0, 1}, ether), []string{tcp4}},
		{"DSA", 284, cat(etherBytes(0)[:12], []byte{0x40, 0, 0, 1, 8, 0}, a), []string{tcp4}},
		{"EDSA", 285, cat(etherBytes(0)[:12], []byte{0xda, 0xda, 0, 0, 0x40, 0, 0, 1, 8, 0}, a), []string{tcp4}},
		{"Linux SLL, Frame Relay", models.LinkLinuxSLL, cat([]byte{0, 0, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, []byte{0x18, 0x41, 3, 0xcc}, a), []string{tcp4}},
	}
}

// TestEveryDecodedLinkHasASample: Link and the decoder agree, and every decoded link type has
// a sample.
func TestEveryDecodedLinkHasASample(t *testing.T) {
	sampled := map[models.LinkType]bool{}
	for _, s := range samples(t) {
		sampled[s.link] = true
		if Link(s.link) != nil && s.link < 9999 {
			t.Errorf("%s: link type %d is decoded, but Link says %v", s.name, s.link, Link(s.link))
		}
	}
	for l := range models.LinkType(len(links)) {
		if Link(l) == nil && !sampled[l] && l != 12 && l != 14 && l != models.LinkIPv4 {
			t.Errorf("no sample of link type %d (%s)", l, links[l].name)
		}
	}
}

func TestLinksThatAreNotDecodedAreNamed(t *testing.T) {
	for l, want := range map[models.LinkType]string{220: "(USB) carries no IP", 253: "(netlink) carries no IP", 143: "(DOCSIS) is not decoded", 9999: "is unknown", 77: "is unknown"} {
		if err := Link(l); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: %v", l, err)
		}
	}
	// Bytes of USB that would pass for IP are not IP.
	if _, err := decodeOne(t, 220, inner4(t)); err != LinkWithoutIP {
		t.Errorf("USB: %v", err)
	}
	if _, err := decodeOne(t, 9999, []byte{1, 2, 3}); err != UnknownLinkType {
		t.Errorf("unknown: %v", err)
	}
}

// TestLinksThatNameLinksEnd: endlessly nested link-type headers end with TooManyHeaders.
func TestLinksThatNameLinksEnd(t *testing.T) {
	one := []byte{0, 0, 8, 0, 192, 0, 0, 0}
	if _, err := decodeOne(t, 192, bytes.Repeat(one, 1000)); err != TooManyHeaders {
		t.Errorf("got %v", err)
	}
}
