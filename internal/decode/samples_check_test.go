package decode

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/netlyra/netlyra/internal/models"
)

// brief writes a layer as the samples do.
func brief(l *models.Layer) string {
	host := func(a fmt.Stringer, is4 bool) string {
		if is4 {
			return a.String()
		}
		return "[" + a.String() + "]"
	}
	s := fmt.Sprintf("%v %s:%d>%s:%d ip=%d payload=%d", l.Proto, host(l.Src, l.Src.Is4()), l.SrcPort,
		host(l.Dst, l.Dst.Is4()), l.DstPort, l.IPLen, l.PayloadLen)
	if l.VLAN != 0 {
		s += fmt.Sprintf(" vlan=%d", l.VLAN)
	}
	if l.InnerVLAN != 0 {
		s += fmt.Sprintf("/%d", l.InnerVLAN)
	}
	if l.Truncated {
		s += " truncated"
	}
	if l.Tunnel != 0 {
		s += " in " + l.Tunnel.String()
	}
	return s
}

// brief4 is that of a packet from 10.0.0.1 to 10.0.0.2.
func brief4(proto string, src, dst uint16, ip, payload int) string {
	return fmt.Sprintf("%s 10.0.0.1:%d>10.0.0.2:%d ip=%d payload=%d", proto, src, dst, ip, payload)
}

func samples(t testing.TB) []sample {
	return slices.Concat(linkSamples(t), moreLinkSamples(t), shimSamples(t), tunnelSamples(t), moreTunnelSamples(t), ipSamples(t))
}

func TestSamples(t *testing.T) {
	d := New(DefaultConfig())
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			var p models.Packet
			f := &models.Frame{Link: s.link, Data: s.frame, WireLen: uint32(len(s.frame))}
			if err := d.Decode(f, &p); err != nil {
				t.Fatalf("decode: %v\n% x", err, s.frame)
			}
			for i := range p.N {
				if got := brief(&p.Layers[i]); i >= len(s.layers) || got != s.layers[i] {
					t.Errorf("layer %d: %s", i, got)
				}
			}
			if p.N != len(s.layers) {
				t.Errorf("%d layers, want %d: %q", p.N, len(s.layers), s.layers)
			}
			checkMeta(t, &p)
		})
	}
}

// checkMeta holds the meta against the innermost layer.
func checkMeta(t *testing.T, p *models.Packet) {
	t.Helper()
	l, m := p.Inner(), p.Meta
	if m.Src != l.Src || m.Dst != l.Dst || m.SrcPort != l.SrcPort || m.DstPort != l.DstPort ||
		m.Proto != l.Proto || m.IPLen < l.IPLen || m.IPLen < m.PayloadLen || m.PayloadLen != min(l.PayloadLen, m.IPLen) || m.Tunnel != l.Tunnel {
		t.Errorf("meta %+v differs from layer %+v", m, l)
	}
}

// extension is an IPv6 extension header of 8·(len(body)+2)/8 bytes.
func extension(next byte, body ...byte) []byte {
	h := append([]byte{next, 0}, body...)
	for len(h)%8 != 0 {
		h = append(h, 0)
	}
	h[1] = byte(len(h)/8 - 1)
	return h
}

// raw6 is an IPv6 packet from 2001:db8::1 to 2001:db8::2 with what follows given as bytes.
func raw6(t testing.TB, next byte, body ...[]byte) []byte {
	return build(t, ip6("2001:db8::1", "2001:db8::2", layers.IPProtocol(next)), gopacket.Payload(cat(body...)))
}

// ipSamples are about IP and transports themselves.
func ipSamples(t testing.TB) []sample {
	udp := []byte(inner6(t))[40:]
	final := addr("2001:db8::f").As16()
	tso := cat(inner4(t))
	tso[2], tso[3] = 0, 0
	jumbo := cat(inner6(t))
	jumbo[4], jumbo[5] = 0, 0
	mobile := cat([]byte{201, 16}, final[:])
	ah := cat([]byte{17, 4, 0, 0}, make([]byte, 20))
	const pair = "[2001:db8::1]:5000>[2001:db8::2]:53"
	const none = "[2001:db8::1]:0>[2001:db8::2]:0"
	raw := models.LinkRaw
	return []sample{
		{"total length 0", raw, tso, []string{strings.Replace(tcp4, "ip=45", "ip=0", 1)}},
		{"payload length 0", raw, jumbo, []string{strings.Replace(udp6, "ip=56", "ip=40", 1)}},
		{"an unknown link type", 9999, cat(inner4(t)), []string{tcp4}},
		{"IPv4 options", raw, build(t, &layers.IPv4{Version: 4, TTL: 1, Protocol: 17, SrcIP: []byte{10, 0, 0, 1}, DstIP: []byte{10, 0, 0, 2},
			Options: []layers.IPv4Option{{OptionType: 1}, {OptionType: 1}, {OptionType: 1}, {OptionType: 1}}}, udpPorts(1, 2), payload("xy")),
			[]string{brief4("UDP", 1, 2, 34, 2)}},
		{"hop-by-hop", raw, raw6(t, 0, extension(17, 1, 4, 0, 0, 0, 0), udp), []string{"UDP " + pair + " ip=64 payload=8"}},
		{"destination options", raw, raw6(t, 60, extension(17, 1, 4, 0, 0, 0, 0), udp), []string{"UDP " + pair + " ip=64 payload=8"}},
		{"home address", raw, raw6(t, 60, extension(17, cat([]byte{1, 2, 0, 0}, mobile)...), udp), []string{"UDP [2001:db8::f]:5000>[2001:db8::2]:53 ip=80 payload=8"}},
		{"routing type 0", raw, raw6(t, 43, extension(17, cat([]byte{0, 1, 0, 0, 0, 0}, final[:])...), udp), []string{"UDP [2001:db8::1]:5000>[2001:db8::f]:53 ip=80 payload=8"}},
		{"routing type 0, arrived", raw, raw6(t, 43, extension(17, cat([]byte{0, 0, 0, 0, 0, 0}, final[:])...), udp), []string{"UDP " + pair + " ip=80 payload=8"}},
		{"routing type 2", raw, raw6(t, 43, extension(17, cat([]byte{2, 1, 0, 0, 0, 0}, final[:])...), udp), []string{"UDP [2001:db8::1]:5000>[2001:db8::f]:53 ip=80 payload=8"}},
		{"routing type 4 is left alone", raw, raw6(t, 43, extension(17, cat([]byte{4, 1, 0, 0, 0, 0}, final[:])...), udp), []string{"UDP " + pair + " ip=80 payload=8"}},
		{"AH in IPv6", raw, raw6(t, 51, ah, udp), []string{"UDP " + pair + " ip=80 payload=8"}},
		{"AH in IPv4", raw, outer4(t, 51, ah, udp), []string{brief4("IP-51", 0, 0, 60, 40)}},
		{"ESP", raw, outer4(t, 50, make([]byte, 40)), []string{brief4("IP-50", 0, 0, 60, 40)}},
		{"ESP in IPv6", raw, raw6(t, 50, make([]byte, 40)), []string{"IP-50 " + none + " ip=80 payload=40"}},
		{"mobility", raw, raw6(t, 135, extension(59, 0, 0, 0, 0, 0, 0)), []string{"IP-135 " + none + " ip=48 payload=8"}},
		{"atomic fragment", raw, raw6(t, 44, []byte{17, 0, 0, 0, 0, 0, 0, 9}, udp), []string{"UDP " + pair + " ip=56 payload=8"}},
		{"atomic fragment before options", raw, raw6(t, 44, []byte{60, 0, 0, 0, 0, 0, 0, 9}, extension(17, 1, 4, 0, 0, 0, 0), udp), []string{"UDP " + pair + " ip=64 payload=8"}},
		{"ICMP echo", raw, outer4(t, 1, []byte{8, 0, 0, 0, 0x12, 0x34, 0, 1}, make([]byte, 56)), []string{brief4("ICMP", 8, 0, 84, 56)}},
		{"ICMP unreachable", raw, outer4(t, 1, []byte{3, 3, 0, 0, 0, 0, 0, 0}, make([]byte, 28)), []string{brief4("ICMP", 3, 3, 56, 28)}},
		{"ICMPv6", raw, raw6(t, 58, []byte{135, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 16)), []string{"ICMPv6 [2001:db8::1]:135>[2001:db8::2]:0 ip=64 payload=16"}},
		{"SCTP", raw, outer4(t, 132, []byte{0, 10, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 4}), []string{brief4("SCTP", 10, 20, 36, 4)}},
		{"unknown protocol", raw, outer4(t, 253, make([]byte, 80)), []string{brief4("IP-253", 0, 0, 100, 80)}},
		{"UDP shorter than IP", raw, outer4(t, 17, []byte{0, 1, 0, 2, 0, 10, 0, 0, 'x', 'y', 0, 0}), []string{brief4("UDP", 1, 2, 32, 2)}},
		{"UDP longer than IP", raw, outer4(t, 17, []byte{0, 1, 0, 2, 1, 0, 0, 0, 'x', 'y'}), []string{brief4("UDP", 1, 2, 30, 248)}},
		{"UDP of no length", raw, outer4(t, 17, []byte{0, 1, 0, 2, 0, 0, 0, 0, 'x', 'y'}), []string{brief4("UDP", 1, 2, 30, 2)}},
		{"TCP header that lies", raw, outer4(t, 6, []byte{0, 1, 0, 2}, make([]byte, 8), []byte{0xf0, 2}, make([]byte, 6)), []string{brief4("TCP", 1, 2, 40, 0) + " truncated"}},
		{"TCP in too few bytes", raw, outer4(t, 6, []byte{0, 1, 0, 2, 0, 0}), []string{brief4("TCP", 1, 2, 26, 0) + " truncated"}},
	}
}
