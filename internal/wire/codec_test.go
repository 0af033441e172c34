package wire

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
)

// example is the packet of docs/api.md.
var example = models.PacketMeta{
	TS: models.TimestampOf(time.Date(2026, 1, 29, 12, 0, 0, 123456789, time.UTC)), Src: netip.MustParseAddr("192.168.1.100"),
	Dst: netip.MustParseAddr("8.8.8.8"), SrcPort: 54321, DstPort: 443, Proto: models.ProtoTCP, PayloadLen: 1420,
	Flags: models.FlagACK | models.FlagPSH, Entropy: 782,
}

// full has every field, as a live capture inside a tunnel would.
var full = func() models.PacketMeta {
	m := example
	m.WireLen, m.IPLen, m.Dir, m.Conn, m.VLAN, m.InnerVLAN, m.TTL = 1486, 1472, models.DirOrig, 0x123456789abcdef0, 42, 7, 64
	m.Tunnel, _ = m.Tunnel.Push(models.TunnelGRE)
	m.Tunnel, _ = m.Tunnel.Push(models.TunnelVXLAN)
	m.Iface = "eth0"
	m.SrcMAC, m.DstMAC, m.HWAddr, m.Msg = models.MAC{2, 0, 0x5e, 0x10, 0, 1}, models.MAC{2, 0, 0x5e, 0x10, 0, 2}, models.MAC{2, 0, 0, 0, 0, 3}, 5
	m.Name = models.NameFacts{Kind: models.NameDNSAnswer, Len: 20, Labels: 4, DomainLen: 11, Code: 3, Answers: 1, Entropy: 156, Type: 28,
		Hash: 0x0123456789abcdef, Domain: 0xfedcba9876543210, JA4: 1, Text: "aabb.www.example.com"}
	return m
}()

// hashed is full without the text of its name.
var hashed = func() models.PacketMeta {
	m := full
	m.Name.Text = ""
	return m
}()

// bridge is a message without addresses.
var bridge = models.PacketMeta{TS: example.TS, Proto: models.ProtoSTP, WireLen: 60, Msg: 2,
	SrcMAC: models.MAC{2, 0, 0, 0, 0, 9}, DstMAC: models.MAC{1, 0x80, 0xc2, 0, 0, 0}, HWAddr: models.MAC{2, 0, 0, 0, 0, 1}}

// usual is a typical packet of an ordinary capture.
var usual = func() models.PacketMeta {
	m := full
	m.VLAN, m.InnerVLAN, m.Tunnel, m.Iface, m.HWAddr, m.Msg = 0, 0, 0, "", models.MAC{}, 0
	m.Name = models.NameFacts{}
	return m
}()

func genAddr() *rapid.Generator[netip.Addr] {
	return rapid.Custom(func(t *rapid.T) netip.Addr {
		if rapid.Bool().Draw(t, "v4") {
			return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "a4")))
		}
		return netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "a16")))
	})
}

func genTunnel() *rapid.Generator[models.TunnelPath] {
	return rapid.Custom(func(t *rapid.T) (p models.TunnelPath) {
		for _, k := range rapid.SliceOfN(rapid.IntRange(int(models.TunnelIPIP), int(models.TunnelMPLS)), 0, models.MaxTunnels).Draw(t, "kinds") {
			p, _ = p.Push(models.TunnelKind(k))
		}
		return p
	})
}

// genMAC draws an address, often one of a few, sometimes none.
func genMAC() *rapid.Generator[models.MAC] {
	return rapid.Custom(func(t *rapid.T) (a models.MAC) {
		switch rapid.IntRange(0, 2).Draw(t, "which") {
		case 1:
			a = models.MAC{2, 0, 0, 0, 0, rapid.ByteRange(1, 3).Draw(t, "few")}
		case 2:
			a = models.MAC(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "any"))
		}
		return a
	})
}

// genName draws the facts of a name, often of none.
func genName() *rapid.Generator[models.NameFacts] {
	return rapid.Custom(func(t *rapid.T) (f models.NameFacts) {
		f.Kind = rapid.Uint8Range(0, models.NameKinds-1).Draw(t, "kind")
		if f.Kind == models.NameNone {
			return f
		}
		f.Len, f.Labels, f.DomainLen = rapid.Byte().Draw(t, "len"), rapid.Byte().Draw(t, "labels"), rapid.Byte().Draw(t, "domain len")
		f.Code, f.Answers, f.Type = rapid.Byte().Draw(t, "code"), rapid.Byte().Draw(t, "answers"), rapid.Uint16().Draw(t, "type")
		f.Entropy = rapid.Uint16Range(0, models.MaxEntropy).Draw(t, "entropy")
		f.Hash, f.Domain, f.JA4 = rapid.Uint64().Draw(t, "hash"), rapid.Uint64().Draw(t, "domain"), rapid.Uint64().Draw(t, "ja4")
		f.Text = rapid.SampledFrom([]string{"", "example.com", "<a>&\"?.example"}).Draw(t, "text")
		return f
	})
}

// genMeta draws any PacketMeta that decode can produce.
func genMeta() *rapid.Generator[models.PacketMeta] {
	return rapid.Custom(func(t *rapid.T) models.PacketMeta {
		m := models.PacketMeta{
			TS: models.Timestamp(rapid.Int64().Draw(t, "ts")), Src: genAddr().Draw(t, "src"), Dst: genAddr().Draw(t, "dst"),
			SrcPort: rapid.Uint16().Draw(t, "sport"), DstPort: rapid.Uint16().Draw(t, "dport"),
			Proto: models.Proto(rapid.SampledFrom([]int{6, 6, 17, 1, 58, 132, 47, 0, 255, 256, 257, 258}).Draw(t, "proto")),
			Dir:   models.Direction(rapid.IntRange(0, 2).Draw(t, "dir")), TTL: rapid.Byte().Draw(t, "ttl"),
			Entropy: uint16(rapid.IntRange(0, models.MaxEntropy).Draw(t, "entropy")),
			VLAN:    uint16(rapid.IntRange(0, 4095).Draw(t, "vlan")), InnerVLAN: uint16(rapid.IntRange(0, 4095).Draw(t, "inner")),
			PayloadLen: rapid.Uint32().Draw(t, "payload"), IPLen: rapid.Uint32().Draw(t, "ip"), WireLen: rapid.Uint32().Draw(t, "wire"),
			Conn: models.ConnID(rapid.Uint64().Draw(t, "conn")), Tunnel: genTunnel().Draw(t, "tunnel"),
			Iface:  rapid.SampledFrom([]string{"", "eth0", "Ethernet \"2\"", "wlan\u00e9\n", "<lo>"}).Draw(t, "iface"),
			SrcMAC: genMAC().Draw(t, "smac"), DstMAC: genMAC().Draw(t, "dmac"), HWAddr: genMAC().Draw(t, "hw"), Msg: rapid.Byte().Draw(t, "msg"), Name: genName().Draw(t, "name"),
		}
		if m.Proto == models.ProtoSTP || m.Proto == models.ProtoLLDP {
			m.Src, m.Dst = netip.Addr{}, netip.Addr{}
		}
		if m.Proto == models.ProtoTCP {
			m.Flags = models.TCPFlags(rapid.Byte().Draw(t, "flags"))
		}
		return m
	})
}

func TestContractExample(t *testing.T) {
	const want = `{"ts":"2026-01-29T12:00:00.123456789Z","src_ip":"192.168.1.100","dst_ip":"8.8.8.8","src_port":54321,"dst_port":443,"proto":"TCP","payload_len":1420,"tcp_flags":"ACK,PSH","entropy":7.82}`
	if got := string(AppendPacket(nil, &example)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	const wantFull = `,"entropy":7.82,"wire_len":1486,"ip_len":1472,"orig":true,"conn":"C1ZWGd4KdXUW","vlan":42,"inner_vlan":7,"tunnel":["GRE","VXLAN"],"ttl":64,"iface":"eth0","src_mac":"02:00:5e:10:00:01","dst_mac":"02:00:5e:10:00:02","hw_addr":"02:00:00:00:00:03","msg":5,"name":{"kind":"dns_answer","hash":"0123456789abcdef","domain":"fedcba9876543210","len":20,"labels":4,"domain_len":11,"entropy":1.56,"type":28,"code":3,"answers":1,"ja4":"0000000000000001","text":"aabb.www.example.com"}}`
	got := string(AppendPacket(nil, &full))
	if _, tail, _ := strings.Cut(got, `,"entropy"`); !strings.HasPrefix(tail, ":7.82") {
		t.Errorf("no entropy in %s", got)
	}
	wantFullConn := strings.Replace(wantFull, "C1ZWGd4KdXUW", full.Conn.String(), 1)
	if !strings.HasSuffix(got, wantFullConn) {
		t.Errorf("got  %s\nwant …%s", got, wantFullConn)
	}
	const wantBridge = `{"ts":"2026-01-29T12:00:00.123456789Z","src_port":0,"dst_port":0,"proto":"STP","payload_len":0,"entropy":0,"wire_len":60,"src_mac":"02:00:00:00:00:09","dst_mac":"01:80:c2:00:00:00","hw_addr":"02:00:00:00:00:01","msg":2}`
	if got := string(AppendPacket(nil, &bridge)); got != wantBridge {
		t.Errorf("got  %s\nwant %s", got, wantBridge)
	}
}

func TestPacketJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := genMeta().Draw(t, "packet")
		b := AppendPacket(nil, &m)
		var got models.PacketMeta
		if err := ParsePacket(b, &got); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if got != m {
			t.Fatalf("%s\ngot  %+v\nwant %+v", b, got, m)
		}
		var slow models.PacketMeta
		if err := parseAnyPacket(b, &slow); err != nil || slow != m {
			t.Fatalf("general reader: %v\ngot  %+v\nwant %+v", err, slow, m)
		}
	})
}

func TestParseAnyObject(t *testing.T) {
	const rest = `"src_ip":"10.0.0.1","dst_ip":"10.0.0.2","proto":"UDP"}`
	for _, c := range []struct{ name, in, want string }{
		{"reordered, spaced", " { \"proto\" : \"tcp\",\n\"dst_port\": 443 , \"src_ip\":\"::1\", \"dst_ip\":\"fe80::1\",\t\"ts\": \"2026-01-29T13:00:00+01:00\"}\n",
			`{"ts":"2026-01-29T12:00:00Z","src_ip":"::1","dst_ip":"fe80::1","src_port":0,"dst_port":443,"proto":"TCP","payload_len":0,"tcp_flags":"","entropy":0}`},
		{"escapes and unknown fields", `{"\u0074s":"2026-01-29T12:00:00Z","x":{"a":["}",{"\"":1}]},"y":[1,[2]],"z":null,` + rest,
			`{"ts":"2026-01-29T12:00:00Z","src_ip":"10.0.0.1","dst_ip":"10.0.0.2","src_port":0,"dst_port":0,"proto":"UDP","payload_len":0,"entropy":0}`},
		{"floats", `{"ts":"2026-01-29T12:00:00.10Z","src_port":4.43e2,"dst_port":53.0,"payload_len":1E3,"entropy":7.819999,` + rest,
			`{"ts":"2026-01-29T12:00:00.1Z","src_ip":"10.0.0.1","dst_ip":"10.0.0.2","src_port":443,"dst_port":53,"proto":"UDP","payload_len":1000,"entropy":7.82}`},
		{"flags in any order", `{"ts":"2026-01-29T12:00:00Z","tcp_flags":"SYN,ACK","src_ip":"10.0.0.1","dst_ip":"10.0.0.2","proto":"TCP"}`,
			`{"ts":"2026-01-29T12:00:00Z","src_ip":"10.0.0.1","dst_ip":"10.0.0.2","src_port":0,"dst_port":0,"proto":"TCP","payload_len":0,"tcp_flags":"ACK,SYN","entropy":0}`},
		{"last of two", `{"ts":"2026-01-29T12:00:00Z","src_port":1,"src_port":2,` + rest,
			`{"ts":"2026-01-29T12:00:00Z","src_ip":"10.0.0.1","dst_ip":"10.0.0.2","src_port":2,"dst_port":0,"proto":"UDP","payload_len":0,"entropy":0}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m models.PacketMeta
			if err := ParsePacket([]byte(c.in), &m); err != nil {
				t.Fatal(err)
			}
			if got := string(AppendPacket(nil, &m)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	valid := string(AppendPacket(nil, &example))
	swap := func(old, new string) string { return strings.Replace(valid, old, new, 1) }
	for _, c := range []struct{ in, want string }{
		{``, "not valid JSON"},
		{`[]`, "want a JSON object"},
		{`null`, "want a JSON object"},
		{`{}`, "no ts, src_ip, dst_ip, proto"},
		{valid[:len(valid)-1], "not valid JSON"},
		{valid + valid, "not valid JSON"},
		{swap(`"192.168.1.100"`, `"192.168.1.300"`), `src_ip "192.168.1.300": want an IPv4 or IPv6 address`},
		{swap(`"192.168.1.100"`, `"fe80::1%eth0"`), "want an IPv4 or IPv6 address without zone"},
		{swap(`"192.168.1.100"`, `7`), "src_ip 7: want a string"},
		{swap(`"192.168.1.100"`, `null`), "no src_ip"},
		{swap(`54321`, `65536`), "src_port 65536: want a whole number 0…65535"},
		{swap(`54321`, `-1`), "src_port -1"},
		{swap(`54321`, `1.5`), "src_port 1.5"},
		{swap(`54321`, `"54321"`), "src_port"},
		{swap(`54321`, `1e400`), "src_port 1e400"},
		{swap(`"TCP"`, `"HTTP"`), "want TCP, UDP"},
		{swap(`"TCP"`, `"IP-256"`), "want TCP, UDP"},
		{swap(`7.82`, `8.01`), "bits per byte or character"},
		{swap(`7.82`, `-0.1`), "bits per byte"},
		{swap(`ACK,PSH`, `ACK,`), "names of TCP flags"},
		{swap(`2026-01-29T`, `2026-02-30T`), "RFC 3339"},
		{swap(`2026-01-29T`, `9999-01-29T`), "RFC 3339"},
		{swap(`7.82`, `7.82,"vlan":5000`), "vlan 5000"},
		{swap(`7.82`, `7.82,"tunnel":["Foo"]`), `"Foo" is not a known encapsulation`},
		{swap(`7.82`, `7.82,"conn":"C1"`), "connection id"},
		{swap(`7.82`, `7.82,"src_mac":"02:00"`), `src_mac "02:00": want a link-layer address`},
		{swap(`7.82`, `7.82,"hw_addr":1`), "hw_addr 1: want a string"},
		{swap(`7.82`, `7.82,"msg":256`), "msg 256"},
		{swap(`7.82`, `7.82,"name":"x"`), "want an object with a kind"},
		{swap(`7.82`, `7.82,"name":{"len":1}`), "want an object with a kind"},
		{swap(`7.82`, `7.82,"name":{"kind":"dns"}`), "kind: want an object with a kind"},
		{swap(`7.82`, `7.82,"name":{"kind":"tls","len":256}`), "len: want a whole number"},
		{swap(`7.82`, `7.82,"name":{"kind":"tls","hash":"12"}`), "hash: want 16 hexadecimal digits"},
		{swap(`7.82`, `7.82,"name":{"kind":"tls","entropy":9}`), "entropy: want bits"},
	} {
		var m models.PacketMeta
		if err := ParsePacket([]byte(c.in), &m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot %v\nwant …%s", c.in, err, c.want)
		}
	}
}

func TestTimestampText(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, ts models.Timestamp) {
		want := ts.Time().Format(time.RFC3339Nano)
		if got := string(AppendRFC3339(nil, ts)); got != want {
			t.Errorf("%d: got %s want %s", ts, got, want)
		}
		if got, err := models.ParseTimestamp(want); err != nil || got != ts {
			t.Errorf("%s: got %d, %v want %d", want, got, err, ts)
		}
	}
	for _, ts := range []models.Timestamp{0, -1, 1, math.MinInt64 + 999999999, math.MaxInt64 - 1e9, 951782400e9, 951868799999999999} {
		check(t, ts)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, models.Timestamp(rapid.Int64Range(math.MinInt64+1e9, math.MaxInt64-1e9).Draw(t, "ts")))
	})
}

func TestJSONAllocations(t *testing.T) {
	buf := make([]byte, 0, 1024)
	for name, m := range map[string]*models.PacketMeta{"example": &example, "full": &hashed, "bridge": &bridge} {
		b := AppendPacket(nil, m)
		var got models.PacketMeta
		if n := testing.AllocsPerRun(1000, func() { buf = AppendPacket(buf[:0], m) }); n != 0 {
			t.Errorf("%s: AppendPacket allocates %v times", name, n)
		}
		if n := testing.AllocsPerRun(1000, func() { _ = ParsePacket(b, &got) }); n != 0 {
			t.Errorf("%s: ParsePacket allocates %v times", name, n)
		}
	}
}

func TestIfaceNamesAreBounded(t *testing.T) {
	old := ifaces.Load()
	defer ifaces.Store(old)
	long := strings.Repeat("x", maxInternedLen+1)
	if internIface([]byte(long)) != long {
		t.Error("a long name is not returned")
	}
	for i := range maxInternedIfaces + 100 {
		name := "if" + strings.Repeat("i", i%50) + string(rune('0'+i%10)) + string(appendUint(nil, uint64(i)))
		if internIface([]byte(name)) != name {
			t.Fatalf("%s is not returned", name)
		}
	}
	if n := len(*ifaces.Load()); n > maxInternedIfaces {
		t.Errorf("%d names kept", n)
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendPacket(buf[:0], &usual)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkParseJSON(b *testing.B) {
	in := AppendPacket(nil, &usual)
	var m models.PacketMeta
	b.ReportAllocs()
	for b.Loop() {
		if err := ParsePacket(in, &m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseJSONGeneral(b *testing.B) {
	in := append([]byte(" "), AppendPacket(nil, &usual)...)
	var m models.PacketMeta
	b.ReportAllocs()
	for b.Loop() {
		if err := ParsePacket(in, &m); err != nil {
			b.Fatal(err)
		}
	}
}
