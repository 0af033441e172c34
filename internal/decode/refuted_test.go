package decode

import (
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestRefutedFlows: after a datagram that is not of the tunnel the flow is no longer
// followed, in either direction, until it has been silent for a minute.
func TestRefutedFlows(t *testing.T) {
	a, b := []byte(inner4(t)), []byte(inner6(t))
	ether := cat(etherBytes(etherIPv4), a)
	for _, c := range []struct {
		name      string
		port      uint16
		good, bad []byte
		stays     bool // bad does not refute
	}{
		{"VXLAN", portVXLAN, cat([]byte{8, 0, 0, 0, 0, 0, 1, 0}, ether), make([]byte, 20), false},
		{"VXLAN, header alone", portVXLAN, cat([]byte{8, 0, 0, 0, 0, 0, 1, 0}, ether), []byte{8, 0, 0, 0, 0, 0, 1, 0}, true},
		{"Geneve", portGeneve, cat([]byte{0, 0, 0x65, 0x58, 0, 0, 1, 0}, ether), []byte{9, 0, 8, 0, 0, 0, 1, 0}, false},
		{"Geneve of another version", portGeneve, cat([]byte{0, 0, 0x65, 0x58, 0, 0, 1, 0}, ether), []byte{0x40, 0, 8, 0, 0, 0, 1, 0}, true},
		{"Teredo", portTeredo, b, cat(b, []byte{0}), false},
		{"AYIYA", portAYIYA, cat([]byte{0x44, 0x52, 0x11, 41, 0, 0, 0, 0}, make([]byte, 36), b), []byte{0x44, 0x52, 0x11, 41, 0, 0, 0, 0}, false},
		{"AYIYA heartbeat", portAYIYA, cat([]byte{0x44, 0x52, 0x11, 41, 0, 0, 0, 0}, make([]byte, 36), b), cat([]byte{0x44, 0x52, 0x10, 59, 0, 0, 0, 0}, make([]byte, 36)), true},
		{"GTP", portGTPU, cat([]byte{0x30, 255, 0, 45, 0, 0, 0, 1}, a), make([]byte, 20), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New(DefaultConfig())
			layers := func(src, dst uint16, at models.Timestamp, body []byte) int {
				var p models.Packet
				f := frame(outerUDP(t, src, dst, body))
				f.Link, f.TS = models.LinkRaw, at*1e9
				if err := d.Decode(f, &p); err != nil {
					t.Fatal(err)
				}
				return p.N
			}
			steps := []struct {
				src, dst uint16
				at       models.Timestamp
				body     []byte
				want     int
			}{
				{40000, c.port, 0, c.good, 2},
				{40000, c.port, 1, c.bad, 1},
				{40000, c.port, 2, c.good, 1},
				{40001, c.port, 2, c.good, 2}, // another flow
				{40000, c.port, 61, c.good, 1},
				{40000, c.port, 121, c.good, 2},
			}
			for i, s := range steps {
				want := s.want
				if c.stays && len(s.body) == len(c.good) && i != 1 {
					want = 2
				}
				if got := layers(s.src, s.dst, s.at, s.body); got != want {
					t.Errorf("step %d: %d layers, want %d", i, got, want)
				}
			}
		})
	}
}

// TestTruncatedContent: an inner packet that the capture cut is read by the length that was sent.
func TestTruncatedContent(t *testing.T) {
	a, b := []byte(inner4(t)), []byte(inner6(t))
	ether := cat(etherBytes(etherIPv4), a)
	for _, c := range []struct {
		name  string
		frame []byte
		want  int
	}{
		{"4in4", outer4(t, 4, a), 2},
		{"GTP", outerUDP(t, portGTPU, portGTPU, []byte{0x30, 255, 0, 45, 0, 0, 0, 1}, a), 2},
		{"Teredo", outerUDP(t, 50000, portTeredo, b), 2},
		{"GRE", outer4(t, 47, []byte{0, 0, 8, 0}, a), 2},
		{"VXLAN", outerUDP(t, 50000, portVXLAN, []byte{8, 0, 0, 0, 0, 0, 1, 0}, ether), 2},
		{"Geneve", outerUDP(t, 50000, portGeneve, []byte{0, 0, 8, 0, 0, 0, 1, 0}, a), 2},
	} {
		var p models.Packet
		f := &models.Frame{Link: models.LinkRaw, Data: c.frame[:len(c.frame)-2], WireLen: uint32(len(c.frame))}
		if err := New(DefaultConfig()).Decode(f, &p); err != nil || p.N != c.want {
			t.Errorf("%s: %v, %d layers, want %d", c.name, err, p.N, c.want)
		}
	}
}
