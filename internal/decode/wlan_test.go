package decode

import (
	"encoding/binary"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// aggregate is an 802.11 frame that has the packets as an A-MSDU.
func aggregate(pad bool, types []uint16, packets ...[]byte) []byte {
	b := make([]byte, 26)
	b[0], b[1], b[24] = 0x88, 1, 0x80
	for i, p := range packets {
		sub := cat(snapBytes(types[i]), p)
		head := binary.BigEndian.AppendUint16(make([]byte, 12), uint16(len(sub)))
		b = append(append(b, head...), sub...)
		if pad && i < len(packets)-1 {
			b = append(b, make([]byte, -(len(head)+len(sub))&3)...)
		}
	}
	return b
}

func TestAMSDU(t *testing.T) {
	types := []uint16{etherIPv4, 0x0806, etherIPv6, etherIPv4}
	parts := [][]byte{inner4(t), make([]byte, 28), inner6(t), inner4(t)}
	for _, pad := range []bool{true, false} {
		d := New(DefaultConfig())
		f := frame(aggregate(pad, types, parts...))
		f.Link = models.LinkIEEE80211
		var p models.Packet
		var got []string
		var wire uint32
		for more := d.Decode(f, &p) == nil; more; more = d.More(&p) {
			got = append(got, brief(p.Inner()))
			wire += p.Meta.WireLen
			checkMeta(t, &p)
		}
		want := []string{tcp4, udp6, tcp4}
		if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
			t.Errorf("padded %v: %q, want %q", pad, got, want)
		}
		if wire != f.WireLen {
			t.Errorf("padded %v: wire lengths add up to %d, the frame has %d", pad, wire, f.WireLen)
		}
		if d.More(&p) {
			t.Error("more than there are")
		}
	}
}

// TestAMSDUInTunnel: the layers around the 802.11 frame come once, the tunnel each time.
func TestAMSDUInTunnel(t *testing.T) {
	d := New(DefaultConfig())
	f := frame(outer4(t, 47, []byte{0, 0, 0x82, 0}, aggregate(true, []uint16{etherIPv4, etherIPv6}, inner4(t), inner6(t))))
	f.Link = models.LinkRaw
	var p models.Packet
	if err := d.Decode(f, &p); err != nil || p.N != 2 || brief(p.Inner()) != tcp4+" in GRE" {
		t.Fatalf("%v, %d layers, %s", err, p.N, brief(p.Inner()))
	}
	if !d.More(&p) || p.N != 1 || brief(p.Inner()) != udp6+" in GRE" {
		t.Fatalf("%d layers, %s", p.N, brief(p.Inner()))
	}
	if d.More(&p) {
		t.Error("more than there are")
	}
}
