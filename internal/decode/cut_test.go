package decode

import (
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// moreTunnelSamples have one for each tunnel that Zeek does not follow.
func moreTunnelSamples(t testing.TB) []sample {
	a, b := []byte(inner4(t)), []byte(inner6(t))
	ether := cat(etherBytes(etherIPv4), a)
	raw := models.LinkRaw
	udp := func(port uint16, n int) string { return brief4("UDP", 50000, port, 28+n, n) }
	return []sample{
		{"EtherIP", raw, outer4(t, 97, []byte{0x30, 0}, ether), []string{brief4("IP-97", 0, 0, 81, 61), tcp4 + " in EtherIP"}},
		{"EtherIP of another version stays", raw, outer4(t, 97, []byte{0x40, 0}, ether), []string{brief4("IP-97", 0, 0, 81, 61)}},
		{"MPLS in IP", raw, outer4(t, 137, []byte{0, 1, 1, 64}, a), []string{brief4("IP-137", 0, 0, 69, 49), tcp4 + " in MPLS"}},
		{"MPLS in UDP", raw, outerUDP(t, 50000, 6635, []byte{0, 1, 0, 64, 0, 1, 1, 64}, b), []string{udp(6635, 64), udp6 + " in MPLS"}},
		{"VXLAN-GPE, Ethernet", raw, outerUDP(t, 50000, 4790, []byte{0x0c, 0, 0, 3, 0, 0, 1, 0}, ether), []string{udp(4790, 67), tcp4 + " in VXLAN-GPE"}},
		{"VXLAN-GPE, IPv4", raw, outerUDP(t, 50000, 4790, []byte{0x0c, 0, 0, 1, 0, 0, 1, 0}, a), []string{udp(4790, 53), tcp4 + " in VXLAN-GPE"}},
		{"VXLAN-GPE, NSH", raw, outerUDP(t, 50000, 4790, []byte{0x0c, 0, 0, 4, 0, 0, 1, 0}, []byte{0x0f, 0xc2, 2, 1, 0, 0, 1, 255}, a), []string{udp(4790, 61), tcp4 + " in VXLAN-GPE"}},
		{"L2TP", raw, outerUDP(t, 1701, 1701, []byte{0, 2, 0, 1, 0, 1, 0xff, 3, 0, 0x21}, a), []string{brief4("UDP", 1701, 1701, 83, 55), tcp4 + " in L2TP"}},
		{"L2TP, length, sequence, offset", raw, outerUDP(t, 50000, 1701, []byte{0x4a, 2, 0, 63, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 9}, []byte{0, 0x21}, a), []string{udp(1701, 62), tcp4 + " in L2TP"}},
		{"L2TP, control stays", raw, outerUDP(t, 50000, 1701, []byte{0xc8, 2, 0, 12, 0, 1, 0, 1, 0, 0, 0, 0}), []string{udp(1701, 12)}},
	}
}

// need is how many bytes of a sample must be there for its innermost layer to be known:
// all but that layer's payload and what follows it.
func need(t *testing.T, s sample) int {
	t.Helper()
	p := mustDecode(t, s.link, s.frame)
	l := p.Inner()
	for n := len(s.frame); n > 0; n-- {
		b := s.frame[:n]
		if len(l.Payload) > 0 && &b[n-1] == &l.Payload[len(l.Payload)-1] {
			return n - len(l.Payload)
		}
	}
	return len(s.frame)
}

// TestTruncatedTunnels cuts every sample at every length behind its innermost headers: as long
// as these are there, its layers are those of the whole frame, every length included.
func TestTruncatedTunnels(t *testing.T) {
	for _, s := range samples(t) {
		least := need(t, s)
		for n := least; n < len(s.frame); n++ {
			var p models.Packet
			f := &models.Frame{Link: s.link, Data: append([]byte(nil), s.frame[:n]...), WireLen: uint32(len(s.frame))}
			if err := New(DefaultConfig()).Decode(f, &p); err != nil || p.N != len(s.layers) {
				t.Errorf("%s, %d of %d bytes: %v, %d layers, want %d", s.name, n, len(s.frame), err, p.N, len(s.layers))
				break
			}
			for i, want := range s.layers {
				if got := brief(&p.Layers[i]); got != want {
					t.Errorf("%s, %d of %d bytes: layer %d: %s, want %s", s.name, n, len(s.frame), i, got, want)
				}
			}
		}
	}
}

// TestTruncatedPacketDoesNotRefuteTunnel: whatever the capture cut off before, the next whole
// packet of the tunnel is read as one.
func TestTruncatedPacketDoesNotRefuteTunnel(t *testing.T) {
	for _, s := range samples(t) {
		if len(s.layers) < 2 {
			continue
		}
		d := New(DefaultConfig())
		var p models.Packet
		for n := range len(s.frame) {
			_ = d.Decode(&models.Frame{Link: s.link, Data: s.frame[:n], WireLen: uint32(len(s.frame))}, &p)
			whole := &models.Frame{Link: s.link, Data: s.frame, WireLen: uint32(len(s.frame))}
			if err := d.Decode(whole, &p); err != nil || p.N != len(s.layers) {
				t.Errorf("%s: %v, %d layers after a packet cut to %d bytes, want %d", s.name, err, p.N, n, len(s.layers))
				break
			}
		}
	}
}
