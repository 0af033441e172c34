package decode

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/netlyra/netlyra/internal/models"
)

// fragment4 cuts bytes lo to hi out of the payload of the IPv4 packet b.
func fragment4(t testing.TB, b []byte, id uint16, lo, hi int) []byte {
	t.Helper()
	body := b[20:]
	h := ip4("10.0.0.1", "10.0.0.2", layers.IPProtocol(b[9]))
	h.Id, h.FragOffset = id, uint16(lo/8)
	if hi < len(body) {
		h.Flags = layers.IPv4MoreFragments
	}
	return build(t, h, gopacket.Payload(body[lo:hi]))
}

// fragment6 does so with an IPv6 packet.
func fragmentV6(t testing.TB, b []byte, id byte, lo, hi int) []byte {
	t.Helper()
	body := b[40:]
	h := []byte{b[6], 0, byte(lo >> 8), byte(lo), 0, 0, 0, id}
	if hi < len(body) {
		h[3] |= 1
	}
	return raw6(t, 44, h, body[lo:hi])
}

// big4 and big6 are UDP datagrams of 3000 bytes of payload.
func big4(t testing.TB) []byte {
	return outerUDP(t, 1111, 2222, big())
}

func big6(t testing.TB) []byte {
	return build(t, ip6("2001:db8::1", "2001:db8::2", layers.IPProtocolUDP), udpPorts(1111, 2222), gopacket.Payload(big()))
}

func big() []byte {
	b := make([]byte, 3000)
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

// TestFragments plays scripts. Words of a script: "A:0-1480" is bytes 0 to 1480 of
// datagram A, "+5s" moves the clock; "> text" is what the fragment before it gives.
func TestFragments(t *testing.T) {
	const whole = brief4Big
	scripts := []struct{ name, script string }{
		{"in order", "A:0-1480 held A:1480-2960 held A:2960-3008 " + whole},
		{"backwards", "A:2960-3008 held A:1480-2960 held A:0-1480 " + whole},
		{"repeated", "A:0-1480 held A:0-1480 held A:1480-2960 held A:2960-3008 " + whole},
		{"overlapping", "A:0-1480 held A:800-2400 held A:1600-3008 " + whole},
		{"covering", "A:800-1600 held A:2400-2960 held A:0-2960 held A:2960-3008 " + whole},
		{"two at once", "A:0-1480 held B:0-1480 held A:1480-3008 " + whole + " B:1480-3008 " + whole},
		{"too late", "A:0-1480 held +61s A:1480-3008 held A:0-1480 " + whole},
		{"in time", "A:0-1480 held +59s A:1480-3008 " + whole},
		{"an id used again", "A:0-1480 held A:1480-3008 " + whole + " A:0-1480 held A:1480-3008 " + whole},
		{"cut by the capture", "A:0-1480/100 " + whole + "cut A:1480-3008/100 cut"},
	}
	for _, v := range []int{4, 6} {
		for _, s := range scripts {
			t.Run(fmt.Sprintf("IPv%d %s", v, s.name), func(t *testing.T) { playFragments(t, v, s.script) })
		}
	}
}

const brief4Big = "whole"

func playFragments(t *testing.T, version int, script string) {
	d := New(DefaultConfig())
	var now models.Timestamp
	var wire, sent uint32
	words := strings.Fields(script)
	for i := 0; i < len(words); i++ {
		if after, is := strings.CutPrefix(words[i], "+"); is {
			step, err := time.ParseDuration(after)
			if err != nil {
				t.Fatal(err)
			}
			now += models.Timestamp(step)
			continue
		}
		b, limit := scriptFragment(t, version, words[i])
		f := &models.Frame{Link: models.LinkRaw, Data: b[:min(limit, len(b))], WireLen: uint32(len(b)), TS: now}
		var p models.Packet
		err := d.Decode(f, &p)
		sent += f.WireLen
		got := "whole"
		switch {
		case err == FragmentHeld:
			got = "held"
		case err == FragmentTruncated:
			got = "cut"
		case err != nil:
			got = err.Error()
		default:
			wire += p.Meta.WireLen
			if limit < len(b) {
				got = "wholecut"
			}
			checkWhole(t, version, &p, limit < len(b))
		}
		i++
		if got != words[i] {
			t.Fatalf("%s: %s, want %s", words[i-1], got, words[i])
		}
	}
	if !strings.Contains(script, "late") && !strings.Contains(script, "cut") && d.frags.oldest == nil && d.Stats().Expired == 0 && wire != sent {
		t.Errorf("wire lengths add up to %d, sent were %d", wire, sent)
	}
}

// scriptFragment reads "A:lo-hi" or "A:lo-hi/captured".
func scriptFragment(t *testing.T, version int, word string) (b []byte, limit int) {
	t.Helper()
	num := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s: %v", word, err)
		}
		return n
	}
	name, rest, _ := strings.Cut(word, ":")
	rest, cut, isCut := strings.Cut(rest, "/")
	lo, hi, _ := strings.Cut(rest, "-")
	limit = 1 << 16
	if isCut {
		limit = num(cut)
	}
	if version == 4 {
		return fragment4(t, big4(t), uint16(name[0]), num(lo), num(hi)), limit
	}
	return fragmentV6(t, big6(t), name[0], num(lo), num(hi)), limit
}

func checkWhole(t *testing.T, version int, p *models.Packet, cut bool) {
	t.Helper()
	l := p.Inner()
	ipLen, payloadLen := uint32(3028), uint32(3000)
	if version == 6 {
		ipLen = 3048
	}
	if cut { // the first fragment by itself
		if l.SrcPort != 1111 || l.Truncated {
			t.Errorf("first fragment: %s", brief(l))
		}
		return
	}
	if l.SrcPort != 1111 || l.DstPort != 2222 || l.IPLen != ipLen || l.PayloadLen != payloadLen {
		t.Errorf("whole: %s", brief(l))
	}
	if string(l.Payload) != string(big()) {
		t.Error("the payload differs")
	}
}

func TestFragmentCounts(t *testing.T) {
	d := New(DefaultConfig())
	var p models.Packet
	send := func(lo, hi int, spoil bool) {
		b := fragment4(t, big4(t), 7, lo, hi)
		if spoil {
			b[30] ^= 0xff
		}
		f := frame(b)
		f.Link = models.LinkRaw
		_ = d.Decode(f, &p)
	}
	send(0, 1480, false)
	send(0, 1480, false)
	send(0, 1480, true)
	send(1480, 3008, false)
	s := d.Stats()
	if s.Fragments != 4 || s.Overlaps != 2 || s.Conflicts != 1 || s.Datagrams != 1 {
		t.Errorf("%+v", s)
	}
	if string(p.Inner().Payload) != string(big()) {
		t.Error("the bytes that came first did not stay")
	}
}

// TestFragmentFlood holds the reassembler to its limits under a flood of first
// fragments, and to its word that the newest survive.
func TestFragmentFlood(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxDatagrams, cfg.MaxFragmentBytes = 100, 64<<10
	d := New(cfg)
	var p models.Packet
	whole := big4(t)
	for id := range 2000 {
		f := frame(fragment4(t, whole, uint16(id), 1480, 3008))
		f.Link = models.LinkRaw
		if err := d.Decode(f, &p); err != FragmentHeld {
			t.Fatal(err)
		}
		if d.frags.memory > cfg.MaxFragmentBytes || d.frags.count > cfg.MaxDatagrams || len(d.frags.index) > cfg.MaxDatagrams {
			t.Fatalf("memory %d, datagrams %d", d.frags.memory, d.frags.count)
		}
	}
	f := frame(fragment4(t, whole, 1999, 0, 1480))
	f.Link = models.LinkRaw
	if err := d.Decode(f, &p); err != nil {
		t.Errorf("the newest datagram: %v", err)
	}
	if s := d.Stats(); s.Evicted != 2000-16 {
		t.Errorf("evicted %d", s.Evicted)
	}
}

func TestFragmentsOff(t *testing.T) {
	d := New(Config{MaxTunnels: 7})
	var p models.Packet
	f := frame(fragment4(t, big4(t), 1, 0, 1480))
	f.Link = models.LinkRaw
	if err := d.Decode(f, &p); err != FragmentHeld {
		t.Errorf("%v", err)
	}
}

// TestFragmentInTunnel: the carrier of a waiting fragment is a packet.
func TestFragmentInTunnel(t *testing.T) {
	d := New(DefaultConfig())
	whole := big4(t)
	vxlan := func(b []byte) *models.Frame {
		f := frame(outerUDP(t, 50000, 4789, []byte{8, 0, 0, 0, 0, 0, 1, 0}, etherBytes(etherIPv4), b))
		f.Link = models.LinkRaw
		return f
	}
	var p models.Packet
	if err := d.Decode(vxlan(fragment4(t, whole, 1, 0, 1480)), &p); err != nil || p.N != 1 || p.Meta.DstPort != 4789 {
		t.Fatalf("%v, %d layers", err, p.N)
	}
	f := vxlan(fragment4(t, whole, 1, 1480, 3008))
	if err := d.Decode(f, &p); err != nil || p.N != 2 || p.Meta.DstPort != 2222 {
		t.Fatalf("%v, %d layers", err, p.N)
	}
	if p.Meta.WireLen != f.WireLen || p.Meta.PayloadLen != 3000 {
		t.Errorf("wire length %d, want %d; payload %d", p.Meta.WireLen, f.WireLen, p.Meta.PayloadLen)
	}
}
