package wire

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// FuzzParsePacket: nothing panics; both parsers accept the same inputs and give
// the same packet; accepted input is valid JSON and survives a round trip.
func FuzzParsePacket(f *testing.F) {
	f.Add(AppendPacket(nil, &example))
	f.Add(AppendPacket(nil, &full))
	f.Add(AppendPacket(nil, &bridge))
	f.Add([]byte(`{"ts":"2026-01-29T12:00:00Z","proto":"LLDP","name":{"len":3, "kind":"tls","text":"\u00e9","x":[]}}`))
	f.Add([]byte(`{"ts":"2026-01-29T13:00:00+01:00", "src_ip":"::1","dst_ip":"::ffff:1.2.3.4","proto":"IP-47","x":[{}],"iface":"\u00e9"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, general, again models.PacketMeta
		err := ParsePacket(b, &m)
		if gerr := parseAnyPacket(b, &general); (err == nil) != (gerr == nil) || err == nil && m != general {
			t.Fatalf("%s\nquick   %+v %v\ngeneral %+v %v", b, m, err, general, gerr)
		}
		if err != nil {
			return
		}
		if !json.Valid(b) {
			t.Fatalf("accepted invalid JSON: %q", b)
		}
		if m.Proto != models.ProtoTCP {
			m.Flags = 0
		}
		out := AppendPacket(nil, &m)
		if err := ParsePacket(out, &again); err != nil || again != m {
			t.Fatalf("%s\n%s\n%+v\n%+v %v", b, out, m, again, err)
		}
	})
}

// FuzzDecodePacked: nothing panics, and accepted input survives a round trip.
func FuzzDecodePacked(f *testing.F) {
	f.Add(pack([]models.PacketMeta{full, example, usual}))
	f.Add(pack([]models.PacketMeta{full, bridge, usual}))
	f.Add(pack(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		ms, err := unpack(b)
		if err != nil {
			return
		}
		one := pack(ms)
		again, err := unpack(one)
		if err != nil || !bytes.Equal(pack(again), one) {
			t.Fatalf("%x: %v", b, err)
		}
	})
}

// FuzzAppendConnection: a connection is encoded as encoding/json encodes it.
func FuzzAppendConnection(f *testing.F) {
	f.Add("C1", "ssl", 1.5, uint64(7), int64(1))
	f.Add("<&>\u2028\xff", "", 1e-7, uint64(1<<63), int64(-1))
	f.Fuzz(func(t *testing.T, a, b string, d float64, n uint64, ts int64) {
		c := models.Connection{ID: a, TS: models.Timestamp(ts), SrcIP: b, History: a, Service: b, OrigBytes: n, RespPackets: n % 1000,
			SrcPort: uint16(n), Duration: d, Tunnel: a, VLAN: uint16(n >> 16), SNI: a, JA4: b, Community: a}
		want, err := json.Marshal(&c)
		if err != nil {
			return // NaN and infinities have no JSON
		}
		if got := AppendConnection(nil, &c); !bytes.Equal(got, want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}
