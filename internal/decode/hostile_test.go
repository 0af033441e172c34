package decode

import (
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// drain decodes a frame and checks what must hold for any bytes.
func drain(t testing.TB, d *Decoder, f *models.Frame, p *models.Packet) {
	t.Helper()
	err := d.Decode(f, p)
	if _, isReason := err.(Reason); err != nil && (!isReason || err.(Reason) == ok) {
		t.Fatalf("error %v is no reason", err)
	}
	for more := err == nil; more; more = d.More(p) {
		if p.N < 1 || p.N > models.MaxLayers {
			t.Fatalf("%d layers", p.N)
		}
		for i := range p.N {
			l := &p.Layers[i]
			none := l.Proto == models.ProtoSTP || l.Proto == models.ProtoLLDP
			if l.Src.IsValid() == none || l.Dst.IsValid() == none || l.PayloadLen > 1<<18 || uint32(len(l.Payload)) > l.PayloadLen {
				t.Fatalf("layer %d: %+v", i, l)
			}
		}
		if p.Meta.Entropy > 800 {
			t.Fatalf("entropy %d", p.Meta.Entropy)
		}
	}
}

// TestPrefixes cuts every sample at every length: as a short frame and as a cut capture.
func TestPrefixes(t *testing.T) {
	all := samples(t)
	for _, s := range messageSamples(t) {
		all = append(all, sample{s.name, s.link, s.frame, nil})
	}
	for _, s := range all {
		d := New(DefaultConfig())
		var p models.Packet
		for n := range len(s.frame) {
			b := append([]byte(nil), s.frame[:n]...) // so that reading past the end is seen
			drain(t, d, &models.Frame{Link: s.link, Data: b, WireLen: uint32(n)}, &p)
			drain(t, d, &models.Frame{Link: s.link, Data: b, WireLen: uint32(len(s.frame))}, &p)
		}
	}
}

// TestTruncatedCaptureLengths: what the headers say counts, however little was captured.
func TestTruncatedCaptureLengths(t *testing.T) {
	b := cat(etherBytes(etherIPv4), inner4(t))
	for n := 14 + 40; n <= len(b); n++ {
		var p models.Packet
		f := &models.Frame{Link: models.LinkEthernet, Data: b[:n], WireLen: uint32(len(b))}
		if err := New(DefaultConfig()).Decode(f, &p); err != nil || brief(p.Inner()) != tcp4 {
			t.Errorf("%d bytes: %v %s", n, err, brief(p.Inner()))
		}
		if got := len(p.Inner().Payload); got != n-54 {
			t.Errorf("%d bytes: %d of payload", n, got)
		}
	}
}

func TestReasons(t *testing.T) {
	a := []byte(inner4(t))
	with := func(b []byte, i int, v byte) []byte { c := cat(b); c[i] = v; return c }
	e := models.LinkEthernet
	deep := etherBytes(etherVLAN)
	for range maxHeaders + 1 {
		deep = append(deep, 0, 1, 0x81, 0)
	}
	nested := a
	for range models.MaxTunnels + 1 {
		nested = outer4(t, 4, nested)
	}
	protected := make([]byte, 40)
	protected[0], protected[1] = 8, 0x41
	for _, c := range []struct {
		name string
		link models.LinkType
		b    []byte
		want Reason
	}{
		{"link type", 9999, cat(etherBytes(etherIPv4), a), UnknownLinkType},
		{"short Ethernet", e, a[:13], TruncatedLink},
		{"LACP", e, cat(etherBytes(0x8809), make([]byte, 28)), NotIP},
		{"ARP of zeros", e, cat(etherBytes(etherARP), make([]byte, 28)), BadLinkMessage},
		{"ARP that ends early", e, cat(etherBytes(etherARP), arpBytes(1, macA, "10.0.0.1", "10.0.0.2")[:27]), TruncatedLink},
		{"ARP for AppleTalk", e, cat(etherBytes(etherARP), with(arpBytes(1, macA, "10.0.0.1", "10.0.0.2"), 2, 0x80)), BadLinkMessage},
		{"LLDP without chassis id", e, cat(etherBytes(etherLLDP), []byte{4, 3, 7, 0, 1}), BadLinkMessage},
		{"LLDP that ends early", e, cat(etherBytes(etherLLDP), []byte{2, 7, 4, 2, 0}), TruncatedLink},
		{"spanning tree of unknown type", e, stpFrame(0x42, []byte{0, 0, 0, 1, 0}), BadLinkMessage},
		{"spanning tree that ends early", e, stpFrame(0x42, []byte{0, 0, 0, 0, 0, 0x80, 0}), TruncatedLink},
		{"GARP", e, stpFrame(0x42, []byte{0, 1, 1, 2, 0, 0}), NotIP},
		{"length of 802.3", e, cat(etherBytes(500), snapBytes(etherIPv4), a), BadLinkLength},
		{"neither length nor type", e, cat(etherBytes(1510), a), NotIP},
		{"LLC", e, cat(etherBytes(uint16(len(a)+3)), []byte{0x42, 0x42, 3}, a), NotIP},
		{"Novell", e, cat(etherBytes(uint16(len(a)+3)), []byte{0xff, 0xff, 0}, a), NotIP},
		{"tags without end", e, deep, TooManyHeaders},
		{"PPPoE discovery", e, cat(etherBytes(etherPPPoE), []byte{0x11, 9, 0, 0, 0, 0}), NotIP},
		{"802.11 beacon", models.LinkIEEE80211, make([]byte, 40), NotDataFrame},
		{"802.11 null data", models.LinkIEEE80211, append([]byte{0x48}, make([]byte, 40)...), NotDataFrame},
		{"802.11 encrypted", models.LinkIEEE80211, protected, ProtectedFrame},
		{"version", models.LinkRaw, with(a, 0, 0x55), BadIPVersion},
		{"header length", models.LinkRaw, with(a, 0, 0x44), BadIPHeaderLength},
		{"header longer than the packet", models.LinkRaw, with(with(a, 3, 30), 0, 0x4f), BadIPHeaderLength},
		{"longer than the frame", models.LinkRaw, with(a, 3, 46), IPLengthExceedsFrame},
		{"IPv6 longer than the frame", models.LinkRaw, with(inner6(t), 5, 17), IPLengthExceedsFrame},
		{"IPv6 extension longer than the packet", models.LinkRaw, with(raw6(t, 0, extension(17, 1, 4, 0, 0, 0, 0)), 41, 9), BadIPHeaderLength},
		{"fragment of nothing", models.LinkRaw, with(outer4(t, 17), 7, 1), FragmentBad},
		{"fragment beyond 64 KiB", models.LinkRaw, with(with(a, 6, 0x1f), 7, 0xff), FragmentBad},
		{"fragment", models.LinkRaw, with(a, 6, 0x20), FragmentHeld},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := decodeOne(t, c.link, c.b); err != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	p := mustDecode(t, models.LinkRaw, nested)
	if p.N != models.MaxLayers {
		t.Errorf("%d layers of %d tunnels", p.N, models.MaxTunnels+1)
	}
}

func TestVerifyChecksums(t *testing.T) {
	cfg := DefaultConfig()
	cfg.VerifyChecksums = true
	strict, lax := New(cfg), New(DefaultConfig())
	var p models.Packet
	check := func(d *Decoder, b []byte, reason error, bad models.Checksum) {
		t.Helper()
		f := frame(b)
		f.Link = models.LinkRaw
		if err := d.Decode(f, &p); err != reason || err == nil && p.Inner().Bad != bad {
			t.Errorf("got %v, bad %d; want %v, bad %d", err, p.Inner().Bad, reason, bad)
		}
	}
	spoil := func(b []byte, i int) []byte { c := cat(b); c[i] ^= 1; return c }
	icmp := build(t, ip4("10.0.0.1", "10.0.0.2", 1), payload("\x08\x00\xf7\xff\x00\x00\x00\x00"))
	udp := outerUDP(t, 1, 2, []byte("odd"))
	for _, b := range [][]byte{inner4(t), inner6(t), udp, icmp} {
		check(strict, b, nil, 0)
		check(lax, b, nil, 0)
		check(lax, spoil(b, len(b)-1), nil, 0)
		check(strict, spoil(b, len(b)-1), nil, models.BadTransportChecksum)
	}
	check(lax, spoil(inner4(t), 8), nil, models.BadIPChecksum)
	check(strict, spoil(inner4(t), 8), BadIPChecksum, 0)
	none := spoil(udp, len(udp)-1)
	none[26], none[27] = 0, 0
	check(strict, none, nil, 0)
}
