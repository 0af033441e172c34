package engine

import (
	"bufio"
	"io"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/netlyra/netlyra/internal/models"
)

// shared is the folder of public captures; tests that need it skip without it.
func shared(t testing.TB, path string) string {
	t.Helper()
	dir := os.Getenv("NETLYRA_SHARED")
	if dir == "" {
		dir = "../../shared"
	}
	p := filepath.Join(dir, path)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("no public captures here (%s): set NETLYRA_SHARED", p)
	}
	return p
}

// readCapture reads a pcap without connection ids or directions, as records made by
// another tool would be.
func readCapture(t testing.TB, path string) []models.PacketMeta {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var out []models.PacketMeta
	for {
		data, ci, err := r.ReadPacketData()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("%s: packet %d: %v", path, len(out), err)
		}
		m := models.PacketMeta{TS: models.TimestampOf(ci.Timestamp), WireLen: uint32(ci.Length)}
		meta(&m, gopacket.NewPacket(data, r.LinkType(), gopacket.DecodeOptions{Lazy: true, NoCopy: true}))
		out = append(out, m)
	}
}

func meta(m *models.PacketMeta, p gopacket.Packet) {
	m.Src, m.Dst = netip.IPv4Unspecified(), netip.IPv4Unspecified()
	switch ip := p.NetworkLayer().(type) {
	case *layers.IPv4:
		m.Src, _ = netip.AddrFromSlice(ip.SrcIP.To4())
		m.Dst, _ = netip.AddrFromSlice(ip.DstIP.To4())
		m.Proto, m.TTL, m.IPLen = models.Proto(ip.Protocol), ip.TTL, uint32(ip.Length)
		m.PayloadLen = uint32(ip.Length) - uint32(ip.IHL)*4
	case *layers.IPv6:
		m.Src, _ = netip.AddrFromSlice(ip.SrcIP)
		m.Dst, _ = netip.AddrFromSlice(ip.DstIP)
		m.Proto, m.TTL, m.IPLen = models.Proto(ip.NextHeader), ip.HopLimit, uint32(ip.Length)+40
		m.PayloadLen = uint32(ip.Length)
	}
	var payload []byte
	for _, l := range p.Layers() {
		switch l := l.(type) {
		case *layers.TCP:
			m.Proto, m.SrcPort, m.DstPort, payload = models.ProtoTCP, uint16(l.SrcPort), uint16(l.DstPort), l.Payload
			m.Flags = models.TCPFlags(l.Contents[13])
			m.PayloadLen -= uint32(l.DataOffset) * 4
		case *layers.UDP:
			m.Proto, m.SrcPort, m.DstPort, payload = models.ProtoUDP, uint16(l.SrcPort), uint16(l.DstPort), l.Payload
			m.PayloadLen -= 8
		case *layers.ICMPv4:
			m.Proto, m.SrcPort, m.DstPort, payload = models.ProtoICMP, uint16(l.TypeCode.Type()), uint16(l.TypeCode.Code()), l.Payload
			m.PayloadLen -= 8
		case *layers.ICMPv6:
			m.Proto, m.SrcPort, m.DstPort, payload = models.ProtoICMPv6, uint16(l.TypeCode.Type()), uint16(l.TypeCode.Code()), l.Payload
			m.PayloadLen -= 4
		}
	}
	if m.PayloadLen > 1<<20 {
		m.PayloadLen = 0
	}
	m.Entropy = entropy(payload)
}

func entropy(b []byte) uint16 {
	if len(b) == 0 {
		return 0
	}
	var n [256]float64
	for _, c := range b {
		n[c]++
	}
	h := 0.0
	for _, c := range n {
		if c > 0 {
			h -= c / float64(len(b)) * math.Log2(c/float64(len(b)))
		}
	}
	return uint16(math.Round(h * 100))
}
