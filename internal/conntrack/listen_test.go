package conntrack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/names"
)

// minimalHello is a ClientHello for a name, in one TLS record.
func minimalHello(name string, padding int) []byte {
	ext := []byte{0, 0, 0, byte(len(name) + 5), 0, byte(len(name) + 3), 0, 0, byte(len(name))}
	ext = append(ext, name...)
	ext = append(ext, 0, 21, byte(padding>>8), byte(padding))
	ext = append(ext, make([]byte, padding)...)
	b := append([]byte{3, 3}, make([]byte, 33)...)
	b = append(b, 0, 2, 0x13, 1, 1, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(ext)))
	b = append(b, ext...)
	b = append([]byte{1, 0, byte(len(b) >> 8), byte(len(b))}, b...)
	return append([]byte{22, 3, 1, byte(len(b) >> 8), byte(len(b))}, b...)
}

// talk sends payloads of connection i from its originator, after a handshake.
func talk(table *Table, i uint32, payloads ...[]byte) {
	establishOne(table, i)
	seq := uint32(1)
	for _, b := range payloads {
		var p models.Packet
		tcpPacket(&p, i, false, models.FlagACK, 1e18)
		l := &p.Layers[0]
		l.Seq, l.Payload, l.PayloadLen = seq, b, uint32(len(b))
		seq += uint32(len(b))
		table.Track(&p)
	}
}

func establishOne(table *Table, i uint32) {
	var p models.Packet
	tcpPacket(&p, i, false, models.FlagSYN, 1e18)
	p.Layers[0].Seq = 0
	table.Track(&p)
	tcpPacket(&p, i, true, models.FlagSYN|models.FlagACK, 1e18)
	p.Layers[0].Seq = 0
	table.Track(&p)
}

func TestHelloInPieces(t *testing.T) {
	r := &recorder{}
	table := New(DefaultConfig(), r)
	hello := minimalHello("www.example.com", 1500)
	talk(table, 1, hello)
	talk(table, 2, hello[:700], hello[700:1200], hello[1200:])
	talk(table, 3, hello[:700], []byte("\x17\x03\x03 this is not the rest"))
	if len(table.pending) != 1 {
		t.Errorf("%d hellos wait, want that of connection 3", len(table.pending))
	}
	table.Flush()
	if len(table.pending) != 0 {
		t.Error("a hello waits for an ended connection")
	}
	ends := map[uint16]models.Connection{}
	for _, ev := range r.all {
		if ev.E == EventEnd {
			ends[ev.C.SrcPort-1024] = ev.C
		}
	}
	one, two, three := ends[1], ends[2], ends[3]
	if one.Service != "ssl" || one.SNI != "www.example.com" || !strings.HasPrefix(one.JA4, "t12d0102") {
		t.Errorf("%+v", one)
	}
	if two.SNI != one.SNI || two.JA4 != one.JA4 {
		t.Errorf("in pieces %q %q, in one %q %q", two.SNI, two.JA4, one.SNI, one.JA4)
	}
	if three.Service != "ssl" || three.SNI != "" {
		t.Errorf("%+v", three)
	}
}

// TestNameOfHello: the packet that completes a hello has the name, and only that one.
func TestNameOfHello(t *testing.T) {
	hello := minimalHello("WWW.example.com", 1500)
	for _, mode := range []names.Mode{names.Hashed, names.Full, names.Off} {
		cfg, r := DefaultConfig(), &recorder{}
		cfg.Names = mode
		table := New(cfg, r)
		establishOne(table, 1)
		var got []models.NameFacts
		seq := uint32(1)
		for _, b := range [][]byte{hello[:700], hello[700:], []byte("\x17\x03\x03")} {
			var p models.Packet
			tcpPacket(&p, 1, false, models.FlagACK, 1e18)
			l := &p.Layers[0]
			l.Seq, l.Payload, l.PayloadLen = seq, b, uint32(len(b))
			seq += uint32(len(b))
			table.Track(&p)
			got = append(got, p.Meta.Name)
		}
		table.Flush()
		end := r.all[len(r.all)-1].C
		want := make([]models.NameFacts, 3)
		if mode != names.Off {
			want[1] = models.NameFacts{Kind: models.NameTLS, JA4: names.Hash(end.JA4)}
			mode.Describe(&want[1], []byte("www.example.com"))
		}
		if !slices.Equal(got, want) || end.SNI != "WWW.example.com" || end.JA4 == "" {
			t.Errorf("mode %d, connection %q %q\ngot  %+v\nwant %+v", mode, end.SNI, end.JA4, got, want)
		}
	}
}

// TestPendingHellosAreBounded: clients that begin hellos and never end them cost no
// more than the table of hellos allows.
func TestPendingHellosAreBounded(t *testing.T) {
	table := New(DefaultConfig(), nil)
	part := minimalHello("a.example", 1000)[:200]
	for i := range uint32(maxPending + 500) {
		talk(table, i, part)
	}
	if len(table.pending) > maxPending {
		t.Errorf("%d wait", len(table.pending))
	}
	for i := range uint32(maxPending + 500) {
		talk(table, i, part, part, part, part, part, part, part)
	}
	if len(table.pending) != 0 {
		t.Errorf("%d never answered", len(table.pending))
	}
}

func TestFTPCommandTooLong(t *testing.T) {
	long := strings.Repeat("A", 101)
	for text, want := range map[string]bool{
		"TYPE" + long[4:] + "\r\n":        true,
		long[1:] + "\r\n":                 false, // a hundred letters are allowed
		long + " x\r\n":                   true,
		"RETR " + long + "\r\n":           false, // an argument is not a command
		"NOOP\r\n" + long + "\r\n":        true,
		long:                              false, // the line is not over
		strings.Repeat(long, 50) + "\r\n": true,
	} {
		for _, cut := range []int{0, 1, 50} {
			r := &recorder{}
			table := New(DefaultConfig(), r)
			talk(table, 1, []byte("USER anonymous\r\n"))
			c := table.slab.conn(0)
			table.slab.coldOf(0).service.Known(8) // FTP
			c.flags &^= flagHeard
			talk1(table, text[:min(cut, len(text))], text[min(cut, len(text)):])
			if got := strings.Contains(table.historyOf(0, c), "X"); got != want {
				t.Errorf("%.20q… cut at %d: X %v, want %v", text, cut, got, want)
			}
		}
	}
}

func talk1(table *Table, parts ...string) {
	for _, part := range parts {
		var p models.Packet
		tcpPacket(&p, 1, false, models.FlagACK, 1e18)
		l := &p.Layers[0]
		l.Payload, l.PayloadLen = []byte(part), uint32(len(part))
		table.Track(&p)
	}
}

// TestCarriersAreNamed: the datagrams of a tunnel have the tunnel's name, and what they
// carry has them as its parent.
func TestCarriersAreNamed(t *testing.T) {
	r := &recorder{}
	table := New(DefaultConfig(), r)
	var p models.Packet
	p.N = 2
	outer, inner := &p.Layers[0], &p.Layers[1]
	path, _ := models.TunnelPath(0).Push(models.TunnelVXLAN)
	*outer = models.Layer{Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"), SrcPort: 50000, DstPort: 4789,
		Proto: models.ProtoUDP, PayloadLen: 50, Payload: make([]byte, 50), IPLen: 78, VLAN: 7}
	*inner = models.Layer{Src: netip.MustParseAddr("192.168.0.1"), Dst: netip.MustParseAddr("192.168.0.2"), SrcPort: 1, DstPort: 9,
		Proto: models.ProtoUDP, IPLen: 28, Tunnel: path}
	p.Meta.TS = 1e18
	table.Track(&p)
	table.Flush()
	ends := map[string]models.Connection{}
	for _, ev := range r.all {
		if ev.E == EventEnd {
			ends[ev.C.SrcIP] = ev.C
		}
	}
	a, b := ends["10.0.0.1"], ends["192.168.0.1"]
	if a.Service != "vxlan" || a.VLAN != 7 || a.Parent != "" || a.Tunnel != "" {
		t.Errorf("outer %+v", a)
	}
	if b.Parent != a.ID || b.Tunnel != "VXLAN" || p.Meta.Conn.String() != b.ID {
		t.Errorf("inner %+v of %s", b, a.ID)
	}
}

func TestTraffic(t *testing.T) {
	table := New(DefaultConfig(), nil)
	var p models.Packet
	for i := range 20_000 {
		tcpPacket(&p, uint32(i%3), false, models.FlagACK, int64(1e18)+int64(i)*1e5)
		p.Meta.Src, p.Meta.Dst, p.Meta.WireLen = p.Layers[0].Src, p.Layers[0].Dst, 1000
		if i%10 == 9 { // many small ones
			p.Layers[0].Src = netip.MustParseAddr(fmt.Sprintf("10.9.%d.%d", i>>8&255, i&255))
			p.Meta.WireLen = 60
		}
		table.Track(&p)
	}
	var tr models.Traffic
	table.Traffic(&tr)
	if tr.Connections != uint64(table.Len()) || tr.EventTS != models.Timestamp(1e18+19_999*1e5) || len(tr.Talkers) != 10 {
		t.Fatalf("%+v", tr)
	}
	if tr.Talkers[0].IP != "192.0.2.1" || tr.Talkers[1].IP != "10.0.0.0" || tr.Protocols["TCP"] != 18_000*1000+2000*60 {
		t.Errorf("%+v", tr)
	}
	table.Advance(tr.EventTS + models.Timestamp(1e11))
	tcpPacket(&p, 0, false, models.FlagACK, int64(tr.EventTS)+1e11)
	p.Meta.WireLen = 1
	table.Track(&p)
	if table.Traffic(&tr); len(tr.Talkers) != 2 || tr.Talkers[0].Bytes != 1 {
		t.Errorf("after two windows of silence: %+v", tr.Talkers)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"connections":     func(c *Config) { c.Connections = 0 },
		"update interval": func(c *Config) { c.UpdateInterval = -1 },
		"TCP inactivity":  func(c *Config) { c.TCPInactivity = 0 },
		"talker window":   func(c *Config) { c.TalkerWindow = 1 << 60 },
	} {
		c := DefaultConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEvents covers all events of one connection.
func TestEvents(t *testing.T) {
	r := &recorder{}
	table := New(DefaultConfig(), r)
	for _, line := range []string{
		"0 A:1>B:9 S seq=0", "0.1 B:9>A:1 S seq=0 ack=1", "0.2 A:1>B:9 . seq=1 ack=1",
		"3 A:1>B:9 P seq=1 ack=1 len=10", "4 A:1>B:9 P seq=11 ack=1 len=10",
	} {
		p := scriptPacket(t, line)
		table.Track(&p)
	}
	table.Advance(seconds(t, "6"))  // an update
	table.Advance(seconds(t, "40")) // idle
	p := scriptPacket(t, "41 B:9>A:1 P seq=1 ack=21 len=5")
	table.Track(&p)
	table.Advance(seconds(t, "80"))
	table.Advance(seconds(t, "400"))
	var b bytes.Buffer
	for _, ev := range r.all {
		fmt.Fprintf(&b, "%s %s %s %s %d+%d\n", ev.E, ev.C.Phase, ev.C.State, ev.C.History, ev.C.OrigPackets, ev.C.RespPackets)
	}
	want := `new new S0 S 1+0
changed active S1 Sh 1+1
update active S1 ShAD 4+1
changed idle S1 ShAD 4+1
changed active S1 ShADd 4+2
changed idle S1 ShADd 4+2
end expired S1 ShADd 4+2
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
