package decode

import (
	"encoding/binary"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/netlyra/netlyra/internal/models"
)

// region is a range of capture lengths at which a frame has one result.
type region struct {
	upTo int // last length of the region
	want Reason
}

// checkRegions decodes every prefix of frame as a capture with a snap length of that many
// bytes. The regions cover all lengths.
func checkRegions(t *testing.T, link models.LinkType, frame []byte, regions []region) {
	t.Helper()
	n := 0
	for _, r := range regions {
		for ; n <= r.upTo; n++ {
			var p models.Packet
			prefix := append(make([]byte, 0, n), frame[:n]...)
			f := models.Frame{Link: link, WireLen: uint32(len(frame)), Data: prefix}
			err := New(DefaultConfig()).Decode(&f, &p)
			if r.want == ok && err != nil || r.want != ok && err != r.want {
				t.Errorf("%d of %d bytes: %v, want %v", n, len(frame), err, r.want)
				return
			}
		}
	}
	if n != len(frame)+1 {
		t.Errorf("regions end at %d bytes, the frame has %d", n-1, len(frame))
	}
}

// TestTruncationReason cuts frames of each link layer at each byte: the reason names the
// header within which the capture ends.
func TestTruncationReason(t *testing.T) {
	a, b := []byte(inner4(t)), []byte(inner6(t))
	sll, sll2 := make([]byte, 16), make([]byte, 20)
	binary.BigEndian.PutUint16(sll[2:], 1)
	binary.BigEndian.PutUint16(sll[14:], etherIPv4)
	binary.BigEndian.PutUint16(sll2, etherIPv6)
	binary.BigEndian.PutUint16(sll2[8:], 1)
	vlan := []byte{0, 7, 8, 0}
	for _, c := range []struct {
		name string
		link models.LinkType
		head []byte // of the link layer
		ip   []byte
	}{
		{"raw IPv4", models.LinkRaw, nil, a},
		{"raw IPv6", models.LinkRaw, nil, b},
		{"Ethernet, IPv4", models.LinkEthernet, etherBytes(etherIPv4), a},
		{"Ethernet, IPv6", models.LinkEthernet, etherBytes(etherIPv6), b},
		{"802.1Q", models.LinkEthernet, cat(etherBytes(etherVLAN), vlan), a},
		{"802.1ad and 802.1Q", models.LinkEthernet, cat(etherBytes(etherQinQ), []byte{0, 5, 0x81, 0}, vlan), a},
		{"Linux cooked", models.LinkLinuxSLL, sll, a},
		{"Linux cooked v2", models.LinkLinuxSLL2, sll2, b},
		{"BSD loopback", models.LinkNull, []byte{2, 0, 0, 0}, a},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := ip4HeaderLen
			if c.ip[0]>>4 == 6 {
				header = ip6HeaderLen
			}
			var regions []region
			if len(c.head) > 0 {
				regions = append(regions, region{len(c.head) - 1, TruncatedLink})
			}
			frame := cat(c.head, c.ip)
			regions = append(regions, region{len(c.head) + header - 1, TruncatedIP}, region{len(frame), ok})
			checkRegions(t, c.link, frame, regions)
		})
	}
}

// TestTruncatedOptions: a capture that ends within the options of an IPv4 header has no
// complete header, although the fixed part is there.
func TestTruncatedOptions(t *testing.T) {
	ip := ip4("192.0.2.1", "192.0.2.2", layers.IPProtocolTCP)
	for range 10 {
		ip.Options = append(ip.Options, layers.IPv4Option{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}})
	}
	frame := build(t, ip, tcpPorts(4000, 80), payload("GET /"))
	if frame[0] != 0x4f {
		t.Fatalf("first byte %#x, want the largest header", frame[0])
	}
	checkRegions(t, models.LinkRaw, frame, []region{{59, TruncatedIP}, {len(frame), ok}})
	p := mustDecode(t, models.LinkRaw, frame)
	if l := p.Inner(); l.SrcPort != 4000 || string(l.Payload) != "GET /" || l.IPLen != 85 {
		t.Errorf("layer %+v", l)
	}
}

// TestTruncatedTransport cuts each transport header at each byte. The layer is known in any
// case; ports are there from the byte on where they end, everything else only after the
// complete header.
func TestTruncatedTransport(t *testing.T) {
	icmp := &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(8, 0), Id: 0x1234, Seq: 1}
	sctp := gopacket.Payload(cat([]byte{0x0f, 0xa0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0}, []byte("chunk")))
	for _, c := range []struct {
		name   string
		frame  []byte
		header int // of the transport
		ports  int // bytes after which the ports are known
		sport  uint16
		dport  uint16
	}{
		{"TCP", inner4(t), 20, 4, 4000, 80},
		{"UDP", build(t, ip4("192.0.2.1", "192.0.2.2", layers.IPProtocolUDP), udpPorts(4000, 80), payload("text")), 8, 4, 4000, 80},
		{"ICMP", build(t, ip4("192.0.2.1", "192.0.2.2", layers.IPProtocolICMPv4), icmp, payload("text")), 8, 2, 8, 0},
		{"SCTP", build(t, ip4("192.0.2.1", "192.0.2.2", layers.IPProtocolSCTP), sctp), 12, 4, 4000, 80},
	} {
		for n := 20; n <= len(c.frame); n++ {
			var p models.Packet
			f := models.Frame{Link: models.LinkRaw, WireLen: uint32(len(c.frame)), Data: append([]byte(nil), c.frame[:n]...)}
			if err := New(DefaultConfig()).Decode(&f, &p); err != nil {
				t.Fatalf("%s, %d bytes of the header: %v", c.name, n-20, err)
			}
			l, have := p.Inner(), n-20
			if l.Truncated != (have < c.header) {
				t.Errorf("%s, %d bytes of the header: truncated %v", c.name, have, l.Truncated)
			}
			if known := l.SrcPort == c.sport && l.DstPort == c.dport; known != (have >= c.ports) {
				t.Errorf("%s, %d bytes of the header: ports %d and %d", c.name, have, l.SrcPort, l.DstPort)
			}
			wantLen, wantPayload := uint32(0), 0
			if have >= c.header {
				wantLen, wantPayload = uint32(len(c.frame)-20-c.header), have-c.header
			} else if l.Flags != 0 || l.Seq != 0 || l.ICMPID != 0 {
				t.Errorf("%s, %d bytes of the header: fields of an incomplete header: %+v", c.name, have, l)
			}
			if l.PayloadLen != wantLen || len(l.Payload) != wantPayload {
				t.Errorf("%s, %d bytes of the header: payload %d of %d, want %d of %d", c.name, have, len(l.Payload), l.PayloadLen, wantPayload, wantLen)
			}
			if l.IPLen != uint32(len(c.frame)) || p.Meta.WireLen != uint32(len(c.frame)) {
				t.Errorf("%s, %d bytes of the header: IP length %d, wire length %d", c.name, have, l.IPLen, p.Meta.WireLen)
			}
		}
	}
}

// TestTruncatedExtensions cuts a chain of IPv6 extension headers: the protocol is the header
// within which the capture ends.
func TestTruncatedExtensions(t *testing.T) {
	udp := []byte{0x13, 0x88, 0, 53, 0, 12, 0, 0, 't', 'e', 'x', 't'}
	frame := raw6(t, protoHopByHop, extension(protoDestOpts, 1, 4, 0, 0, 0, 0), extension(17, 1, 4, 0, 0, 0, 0), udp)
	for n := ip6HeaderLen; n <= len(frame); n++ {
		var p models.Packet
		f := models.Frame{Link: models.LinkRaw, WireLen: uint32(len(frame)), Data: append([]byte(nil), frame[:n]...)}
		if err := New(DefaultConfig()).Decode(&f, &p); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		want, truncated := models.ProtoUDP, n < ip6HeaderLen+16+udpHeaderLen
		switch {
		case n < ip6HeaderLen+8:
			want = protoHopByHop
		case n < ip6HeaderLen+16:
			want = protoDestOpts
		}
		if l := p.Inner(); l.Proto != want || l.Truncated != truncated {
			t.Errorf("%d bytes: protocol %v, truncated %v; want %v, %v", n, l.Proto, l.Truncated, want, truncated)
		}
	}
}

// TestShortOnTheWire: if the frame itself was short, the lengths in its headers are wrong,
// which is another reason than a short capture.
func TestShortOnTheWire(t *testing.T) {
	for _, c := range []struct {
		name   string
		frame  []byte
		header int
	}{{"IPv4", inner4(t), ip4HeaderLen}, {"IPv6", inner6(t), ip6HeaderLen}} {
		for n := range c.frame {
			want := IPLengthExceedsFrame
			if n < c.header {
				want = TruncatedIP
			}
			if _, err := decodeOne(t, models.LinkRaw, c.frame[:n]); err != want {
				t.Errorf("%s of %d bytes: %v, want %v", c.name, n, err, want)
			}
		}
	}
}

// TestHeaderLengths has all values of the two header length fields.
func TestHeaderLengths(t *testing.T) {
	base := build(t, ip4("192.0.2.1", "192.0.2.2", layers.IPProtocolTCP), tcpPorts(4000, 80), payload("0123456789012345678901234567890123456789"))
	for words := range 16 {
		b := cat(base)
		b[0] = 0x40 | byte(words)
		_, err := decodeOne(t, models.LinkRaw, b)
		if want := words < 5; want != (err == BadIPHeaderLength) || !want && err != nil {
			t.Errorf("IPv4 header of %d words: %v", words, err)
		}
		b = cat(base)
		b[32] = byte(words) << 4
		p := mustDecode(t, models.LinkRaw, b)
		l := p.Inner()
		if l.Truncated != (words < 5) || !l.Truncated && int(l.PayloadLen) != len(base)-20-4*words {
			t.Errorf("TCP header of %d words: truncated %v, payload of %d bytes", words, l.Truncated, l.PayloadLen)
		}
		if l.SrcPort != 4000 || l.Seq != 1000 {
			t.Errorf("TCP header of %d words: port %d, sequence %d", words, l.SrcPort, l.Seq)
		}
	}
}

// TestUDPLengthField: bytes after the datagram are padding; a length below the header is
// ignored; a length beyond the packet counts for the payload but nothing beyond is read.
func TestUDPLengthField(t *testing.T) {
	base := build(t, ip4("192.0.2.1", "192.0.2.2", layers.IPProtocolUDP), udpPorts(4000, 9), payload("0123456789"))
	for _, c := range []struct {
		field, payload, captured int
	}{{18, 10, 10}, {8, 0, 0}, {9, 1, 1}, {17, 9, 9}, {0, 10, 10}, {7, 10, 10}, {19, 11, 10}, {65535, 65527, 10}} {
		b := cat(base)
		binary.BigEndian.PutUint16(b[24:], uint16(c.field))
		p := mustDecode(t, models.LinkRaw, b)
		if l := p.Inner(); int(l.PayloadLen) != c.payload || len(l.Payload) != c.captured || l.Truncated {
			t.Errorf("length %d: payload %d of %d, truncated %v; want %d of %d", c.field, len(l.Payload), l.PayloadLen, l.Truncated, c.captured, c.payload)
		}
		if m := p.Meta.PayloadLen; m > p.Meta.IPLen {
			t.Errorf("length %d: payload of %d bytes in a packet of %d", c.field, m, p.Meta.IPLen)
		}
	}
}
