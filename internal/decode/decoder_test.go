package decode

import (
	"errors"
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

func TestTCP(t *testing.T) {
	b := build(t, eth(layers.EthernetTypeIPv4), ip4("192.168.1.100", "8.8.8.8", layers.IPProtocolTCP), tcpPorts(54321, 443), payload("hello"))
	b = append(b, 0xff, 0xff, 0xff) // Ethernet padding
	p := mustDecode(t, models.LinkEthernet, b)
	m, l := p.Meta, p.Inner()
	if m.Src != addr("192.168.1.100") || m.Dst != addr("8.8.8.8") || m.SrcPort != 54321 || m.DstPort != 443 {
		t.Errorf("five-tuple %v:%d %v:%d", m.Src, m.SrcPort, m.Dst, m.DstPort)
	}
	if m.Proto != models.ProtoTCP || m.Flags != models.FlagACK|models.FlagPSH || m.TTL != 64 {
		t.Errorf("proto %v flags %v ttl %d", m.Proto, m.Flags, m.TTL)
	}
	if m.PayloadLen != 5 || m.IPLen != 45 || m.WireLen != uint32(len(b)) || string(l.Payload) != "hello" {
		t.Errorf("lengths %d %d %d %q", m.PayloadLen, m.IPLen, m.WireLen, l.Payload)
	}
	if l.Seq != 1000 || l.Ack != 2000 || l.Window != 512 || l.Bad != 0 || p.N != 1 {
		t.Errorf("layer %+v", l)
	}
	if m.Entropy != 192 { // h e l l o: 4 values, l twice
		t.Errorf("entropy %d, want 192", m.Entropy)
	}
}

func TestReasonsAreDistinctAndCheap(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Reasons() {
		if seen[r.Code()] || r.Code() == "" {
			t.Errorf("reason %d: code %q is empty or not unique", r, r.Code())
		}
		seen[r.Code()] = true
	}
	if n := len(vocabulary.DecodeDrops); len(Reasons()) != n {
		t.Errorf("%d reasons, %d entries in the vocabulary", len(Reasons()), n)
	}
	for r, want := range map[Reason]string{
		UnknownLinkType: vocabulary.DropUnknownLinkType, NotIP: vocabulary.DropNotIP, BadIPChecksum: vocabulary.DropBadIPChecksum,
		FragmentHeld: vocabulary.DropFragmentHeld, TunnelTruncated: vocabulary.DropTunnelTruncated, BadLinkMessage: vocabulary.DropBadLinkMessage,
	} {
		if r.Code() != want {
			t.Errorf("reason %d has code %q, want %q", r, r.Code(), want)
		}
	}
	var r Reason
	_, err := decodeOne(t, models.LinkEthernet, []byte{1, 2, 3})
	if !errors.As(err, &r) || r != TruncatedLink {
		t.Errorf("got %v", err)
	}
}
