package decode

import (
	"net"
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/netlyra/netlyra/internal/models"
)

// build writes the layers as one frame, with correct lengths and checksums.
func build(t testing.TB, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	return buildWith(t, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ls...)
}

func buildWith(t testing.TB, o gopacket.SerializeOptions, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	var network gopacket.NetworkLayer
	for _, l := range ls {
		if n, is := l.(gopacket.NetworkLayer); is {
			network = n
		}
		if c, is := l.(interface {
			SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
		}); is && network != nil {
			if err := c.SetNetworkLayerForChecksum(network); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := gopacket.SerializeLayers(buf, o, ls...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

var (
	macA, _ = net.ParseMAC("02:00:00:00:00:01")
	macB, _ = net.ParseMAC("02:00:00:00:00:02")
)

func eth(t layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: macA, DstMAC: macB, EthernetType: t}
}

func ip4(src, dst string, p layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: p, SrcIP: net.ParseIP(src), DstIP: net.ParseIP(dst)}
}

func ip6(src, dst string, p layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 63, NextHeader: p, SrcIP: net.ParseIP(src), DstIP: net.ParseIP(dst)}
}

func udpPorts(src, dst uint16) *layers.UDP {
	return &layers.UDP{SrcPort: layers.UDPPort(src), DstPort: layers.UDPPort(dst)}
}

func tcpPorts(src, dst uint16) *layers.TCP {
	return &layers.TCP{SrcPort: layers.TCPPort(src), DstPort: layers.TCPPort(dst), Seq: 1000, Ack: 2000, ACK: true, PSH: true, Window: 512}
}

func payload(s string) gopacket.Payload { return gopacket.Payload(s) }

// inner4 and inner6 are the packets that the samples of tunnels carry.
func inner4(t testing.TB) gopacket.Payload {
	return build(t, ip4("192.0.2.1", "192.0.2.2", layers.IPProtocolTCP), tcpPorts(4000, 80), payload("GET /"))
}

func inner6(t testing.TB) gopacket.Payload {
	return build(t, ip6("2001:db8::1", "2001:db8::2", layers.IPProtocolUDP), udpPorts(5000, 53), payload("question"))
}

// frame has b as a frame of Ethernet, wholly captured.
func frame(b []byte) *models.Frame {
	return &models.Frame{Link: models.LinkEthernet, WireLen: uint32(len(b)), Data: b}
}

// decodeOne decodes b with a new decoder.
func decodeOne(t testing.TB, link models.LinkType, b []byte) (*models.Packet, error) {
	t.Helper()
	p := new(models.Packet)
	f := frame(b)
	f.Link = link
	err := New(DefaultConfig()).Decode(f, p)
	return p, err
}

func mustDecode(t testing.TB, link models.LinkType, b []byte) *models.Packet {
	t.Helper()
	p, err := decodeOne(t, link, b)
	if err != nil {
		t.Fatalf("decode: %v\n% x", err, b)
	}
	return p
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }
