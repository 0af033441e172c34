package wire

import (
	"bytes"
	"errors"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
)

func pack(ms []models.PacketMeta) []byte {
	var e PackedEncoder
	for i := range ms {
		e.Append(&ms[i])
	}
	return e.AppendTo(nil)
}

func unpack(b []byte) (ms []models.PacketMeta, err error) {
	err = DecodePacked(b, func(m *models.PacketMeta) error { ms = append(ms, *m); return nil })
	return ms, err
}

func TestPackedRoundTrip(t *testing.T) {
	var e PackedEncoder // reused: Reset must remove everything
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.SliceOfN(genMeta(), 0, 50).Draw(t, "packets")
		for i := range ms {
			if rapid.IntRange(0, 9).Draw(t, "none") == 0 {
				ms[i].Src = netip.Addr{}
			}
			ms[i].Flags = models.TCPFlags(rapid.Byte().Draw(t, "flags")) // kept for every protocol
		}
		e.Reset()
		for i := range ms {
			e.Append(&ms[i])
		}
		got, err := unpack(e.AppendTo(nil))
		if err != nil || !slices.Equal(got, ms) {
			t.Fatalf("%v\ngot  %+v\nwant %+v", err, got, ms)
		}
	})
}

func TestPackedRejects(t *testing.T) {
	good := pack([]models.PacketMeta{full, example, usual})
	if _, err := unpack(append(slices.Clone(good), 0xf8, 0x07, 1)); err != nil {
		t.Errorf("an unknown field is not skipped: %v", err)
	}
	high := example
	high.Entropy = models.MaxEntropy + 1
	bad := example
	bad.Tunnel = 200
	link := pack([]models.PacketMeta{bridge})
	pair := bytes.Index(link, []byte{colMACPair<<3&0x7f | wireBytes | 0x80, colMACPair >> 4})
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"empty":             {nil, "version 0"},
		"version":           {append(slices.Clone(good), 8, 3), "version 3"},
		"count":             {append(slices.Clone(good), 16, 0xff, 0xff, 0x7f), "more than"},
		"count without any": {append(slices.Clone(good), 16, 4), "fewer values"},
		"count too low":     {append(slices.Clone(good), 16, 2), "more values than packets"},
		"twice":             {append(slices.Clone(good), 26, 1, 0), "occurs twice"},
		"not packed":        {append(slices.Clone(good), 24, 1), "not packed"},
		"length":            {[]byte{8, 1, 26, 0xff, 0xff, 0xff, 0xff, 0x0f}, "truncated"},
		"entropy":           {pack([]models.PacketMeta{high}), "out of range"},
		"tunnel":            {pack([]models.PacketMeta{bad}), "no such encapsulation"},
		"link protocol":     {bytes.Replace(link, []byte{colProto<<3 | wireBytes, 1, 1}, []byte{colProto<<3 | wireBytes, 1, 3}, 1), "no such protocol"},
		"name of no kind":   {bytes.Replace(good, []byte{colNameKind<<3&0x7f | wireBytes | 0x80, colNameKind >> 4, 1, 2}, []byte{colNameKind<<3&0x7f | wireBytes | 0x80, colNameKind >> 4, 1, 9}, 1), "no such kind"},
		"half a pair":       {slices.Concat(link[:pair+2], []byte{6}, link[pair+3:pair+9], link[pair+15:]), "whole number of pairs"},
		"no pairs":          {slices.Concat(link[:pair], link[pair+15:]), "out of range"},
	} {
		if _, err := unpack(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want …%s", name, err, c.want)
		}
	}
	for n := range good {
		if _, err := unpack(good[:n]); err == nil {
			t.Errorf("cut at %d of %d: no error", n, len(good))
		}
	}
	stop := errors.New("stop")
	if err := DecodePacked(good, func(*models.PacketMeta) error { return stop }); err != stop {
		t.Errorf("error of yield: %v", err)
	}
}

func TestPackedAllocations(t *testing.T) {
	var e PackedEncoder
	ms := slices.Repeat([]models.PacketMeta{usual, hashed}, 32)
	buf := make([]byte, 0, 1<<16)
	encode := func() {
		e.Reset()
		for i := range ms {
			e.Append(&ms[i])
		}
		buf = e.AppendTo(buf[:0])
	}
	encode()
	if n := testing.AllocsPerRun(200, encode); n != 0 {
		t.Errorf("encoding allocates %v times", n)
	}
	if n := len(buf) / len(ms); n > 64 {
		t.Errorf("%d bytes for each packet", n)
	}
	sum := 0
	yield := func(m *models.PacketMeta) error { sum += int(m.SrcPort); return nil }
	if n := testing.AllocsPerRun(200, func() { _ = DecodePacked(buf, yield) }); n > 0.5 {
		t.Errorf("decoding allocates %v times", n)
	}
}

// TestPackedVersion: only a batch that readers of version 1 would misinterpret has another
// version, and link-layer addresses that repeat cost a byte for each packet.
func TestPackedVersion(t *testing.T) {
	plain := usual
	plain.SrcMAC, plain.DstMAC = models.MAC{}, models.MAC{}
	without := pack(slices.Repeat([]models.PacketMeta{plain}, 100))
	with := pack(slices.Repeat([]models.PacketMeta{usual}, 100))
	if with[1] != packedVersion || without[1] != packedVersion {
		t.Errorf("IP packets: versions %d and %d", with[1], without[1])
	}
	if more := len(with) - len(without); more > 100+macPairLen+6 {
		t.Errorf("link-layer addresses add %d bytes to 100 packets", more)
	}
	if b := pack([]models.PacketMeta{usual, bridge}); b[1] != packedVersionLink {
		t.Errorf("with a link-layer message: version %d", b[1])
	}
}

// TestPackedPairsThatCollide: many pairs of addresses, more than the encoder remembers.
func TestPackedPairsThatCollide(t *testing.T) {
	ms := make([]models.PacketMeta, 4000)
	for i := range ms {
		ms[i] = usual
		ms[i].SrcMAC = models.MAC{2, 0, 0, 0, byte(i % 700 >> 8), byte(i % 700)}
	}
	got, err := unpack(pack(ms))
	if err != nil || !slices.Equal(got, ms) {
		t.Fatalf("%v; the packets differ", err)
	}
}

// TestPackedIsProtobuf decodes a batch with protoc by the published schema.
func TestPackedIsProtobuf(t *testing.T) {
	protoc, err := exec.LookPath("protoc")
	if err != nil {
		t.Skip("protoc is not installed (Debian: protobuf-compiler)")
	}
	cmd := exec.Command(protoc, "--proto_path=../../docs/schemas", "--decode=netlyra.v1.PacketBatch", "packets.proto")
	six := usual
	six.Src = netip.MustParseAddr("2001:db8::1")
	cmd.Stdin = bytes.NewReader(pack([]models.PacketMeta{full, six, bridge}))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("protoc: %v\n%s", err, out)
	}
	for _, want := range []string{"version: 2\n", "count: 3\n", "ts_delta: 1769688000123456789\n", "src_port: 54321\n",
		"payload_len: 1420\n", "ip_extra: 52\n", "wire_extra: 14\n", "conn: 1311768467463790320\n", `iface_name: "eth0"`, "tunnel: 1026\n", "macs: 2\n", "extra: \"\\016\\000\\007\"\n", "msg: \"\\005\\002\"\n", "name_hash: 81985529216486895\n",
		"name_entropy: 156\n", `name_text: "aabb.www.example.com"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for _, line := range strings.Split(string(out), "\n") {
		if len(line) > 0 && line[0] >= '0' && line[0] <= '9' {
			t.Errorf("a field that is not in the schema: %s", line)
		}
	}
}

func BenchmarkPackedEncode(b *testing.B) {
	var e PackedEncoder
	buf := make([]byte, 0, 1<<16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e.Append(&usual)
		if e.Len() == 64 {
			buf = e.AppendTo(buf[:0])
			e.Reset()
		}
	}
}

func BenchmarkPackedDecode(b *testing.B) {
	in := pack(slices.Repeat([]models.PacketMeta{usual}, 64))
	n := 0
	yield := func(*models.PacketMeta) error { n++; return nil }
	b.ReportAllocs()
	for b.Loop() {
		if err := DecodePacked(in, yield); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/packet")
}
