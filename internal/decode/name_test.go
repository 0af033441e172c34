package decode

import (
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/names"
)

var dnsQuery = append([]byte("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00"), 0, 1, 0, 1)

// segmentOf is a TCP segment.
func segmentOf(t testing.TB, src, dst uint16, body string) []byte {
	return build(t, ip4("10.0.0.1", "10.0.0.2", layers.IPProtocolTCP), tcpPorts(src, dst), payload(body))
}

// TestNames: which packets have a name, in each mode.
func TestNames(t *testing.T) {
	var example models.NameFacts
	names.Hashed.Describe(&example, []byte("www.example.com"))
	with := func(kind uint8, typ uint16) models.NameFacts {
		f := example
		f.Kind, f.Type = kind, typ
		return f
	}
	const get = "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
	dns := string(dnsQuery)
	stream := "\x00" + string(rune(len(dns))) + dns
	for _, c := range []struct {
		name  string
		frame []byte
		want  models.NameFacts
	}{
		{"DNS query", outerUDP(t, 50000, 53, dnsQuery), with(models.NameDNSQuery, 1)},
		{"mDNS query", outerUDP(t, 5353, 5353, dnsQuery), with(models.NameDNSQuery, 1)},
		{"DNS over TCP", segmentOf(t, 50000, 53, stream), with(models.NameDNSQuery, 1)},
		{"HTTP request", segmentOf(t, 50000, 8080, get), with(models.NameHTTP, 0)},
		{"HTTP response", segmentOf(t, 80, 50000, "HTTP/1.1 200 OK\r\n\r\n"), models.NameFacts{Kind: models.NameHTTP, Type: 200}},
		{"DNS on another port", outerUDP(t, 50000, 5000, dnsQuery), models.NameFacts{}},
		{"no DNS", outerUDP(t, 50000, 53, []byte("question")), models.NameFacts{}},
		{"DNS within GRE", outer4(t, 47, []byte{0, 0, 8, 0}, outerUDP(t, 50000, 53, dnsQuery)), with(models.NameDNSQuery, 1)},
	} {
		for _, mode := range []names.Mode{names.Hashed, names.Full, names.Off} {
			cfg := DefaultConfig()
			cfg.Names = mode
			d, p, f := New(cfg), new(models.Packet), frame(c.frame)
			f.Link = models.LinkRaw
			want := c.want
			switch {
			case mode == names.Off:
				want = models.NameFacts{}
			case mode == names.Full && want.Len > 0:
				want.Text = "www.example.com"
			}
			if err := d.Decode(f, p); err != nil || p.Meta.Name != want {
				t.Errorf("%s, mode %d: %v\ngot  %+v\nwant %+v", c.name, mode, err, p.Meta.Name, want)
			}
			if mode != names.Full {
				if n := testing.AllocsPerRun(20, func() { _ = d.Decode(f, p) }); n != 0 {
					t.Errorf("%s: %v allocations", c.name, n)
				}
			}
			f.Data = outerUDP(t, 1, 2, []byte("next"))
			f.WireLen = uint32(len(f.Data))
			if err := d.Decode(f, p); err != nil || p.Meta.Name != (models.NameFacts{}) {
				t.Errorf("the next packet has the name %+v", p.Meta.Name)
			}
		}
	}
}

// FuzzDNS decodes any bytes as a DNS message.
func FuzzDNS(f *testing.F) { fuzzInside(f, insideUDP(53), dnsQuery, dnsQuery[:20]) }

// BenchmarkNames is a whole call, for packets with and without a name.
func BenchmarkNames(b *testing.B) {
	for name, data := range map[string][]byte{
		"dns":  outerUDP(b, 50000, 53, dnsQuery),
		"http": segmentOf(b, 50000, 80, "GET / HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\nHost: www.example.com\r\n\r\n"),
	} {
		for _, mode := range []names.Mode{names.Hashed, names.Off} {
			b.Run(name+"/"+[...]string{"hashed", "full", "off"}[mode], func(b *testing.B) {
				cfg := DefaultConfig()
				cfg.Names = mode
				d, p, f := New(cfg), benchPacket(), frame(data)
				f.Link = models.LinkRaw
				b.ReportAllocs()
				for b.Loop() {
					if err := d.Decode(f, p); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
