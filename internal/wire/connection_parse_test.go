package wire

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/netlyra/netlyra/internal/models"
)

func drawConnection(t *rapid.T) models.Connection {
	text := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[ -~]{0,9}`), rapid.String())
	port := rapid.Uint16()
	n := rapid.Uint64()
	return models.Connection{
		ID: text.Draw(t, "id"), TS: models.Timestamp(rapid.Int64().Draw(t, "ts")), LastTS: models.Timestamp(rapid.Int64().Draw(t, "last")),
		SrcIP: text.Draw(t, "src"), SrcPort: port.Draw(t, "sp"), DstIP: text.Draw(t, "dst"), DstPort: port.Draw(t, "dp"),
		Proto: text.Draw(t, "proto"), State: text.Draw(t, "state"), Phase: text.Draw(t, "phase"), History: text.Draw(t, "history"), Service: text.Draw(t, "service"),
		OrigPackets: n.Draw(t, "a"), OrigBytes: n.Draw(t, "b"), OrigIPBytes: n.Draw(t, "c"), RespPackets: n.Draw(t, "d"), RespBytes: n.Draw(t, "e"), RespIPBytes: n.Draw(t, "f"),
		MissedBytes: n.Draw(t, "g"), Duration: rapid.Float64Range(0, 1e12).Draw(t, "duration"), Tunnel: text.Draw(t, "tunnel"), Parent: text.Draw(t, "parent"),
		VLAN: port.Draw(t, "vlan"), InnerVLAN: port.Draw(t, "inner"), Community: text.Draw(t, "community"), SNI: text.Draw(t, "sni"), JA4: text.Draw(t, "ja4"),
	}
}

func TestConnectionParsesAsEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConnection(t)
		b := AppendConnection(nil, &c)
		var want, got models.Connection
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if err := ParseConnection(b, &got); err != nil || got != want {
			t.Fatalf("%s\nwant %+v\ngot  %+v (%v)", b, want, got, err)
		}
	})
}

// A field that is added to the struct but not to the fast parser fails here.
func TestFastParserKnowsEveryField(t *testing.T) {
	var c models.Connection
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Float64:
			f.SetFloat(1.5)
		case reflect.Int64:
			f.SetInt(5)
		default:
			f.SetUint(7)
		}
	}
	var got models.Connection
	if !parseCanonicalConnection(string(AppendConnection(nil, &c)), &got) || got != c {
		t.Errorf("want %+v\ngot  %+v", c, got)
	}
	b := AppendConnection(nil, &c)
	if n := testing.AllocsPerRun(100, func() { _ = ParseConnection(b, &got) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// ParseConnection accepts what encoding/json accepts, with the same result.
func FuzzParseConnection(f *testing.F) {
	c := models.Connection{ID: "C1", TS: 5, Duration: .5}
	b := AppendConnection(nil, &c)
	f.Add(b)
	f.Add([]byte(`{"id":"\u0041","extra":[1]}`))
	f.Add([]byte(`{"id":"x","ts":"2026-01-29T12:00:00+01:00","duration":1e3}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var want, got models.Connection
		werr, gerr := json.Unmarshal(b, &want), ParseConnection(b, &got)
		if (werr == nil) != (gerr == nil) || werr == nil && got != want {
			t.Errorf("%q: encoding/json %+v (%v), ParseConnection %+v (%v)", b, want, werr, got, gerr)
		}
	})
}

func BenchmarkConnectionParseJSON(b *testing.B) {
	c := models.Connection{ID: "C00000000001", TS: 1_770_000_000_123_456_789, LastTS: 1_770_000_001_123_456_789, SrcIP: "192.168.1.100", DstIP: "10.0.0.9", SrcPort: 40112, DstPort: 443,
		Proto: "TCP", State: "SF", Phase: "closed", History: "ShADadFf", Service: "ssl", OrigPackets: 12, OrigBytes: 1400, RespBytes: 90000, Duration: 1.25}
	j := AppendConnection(nil, &c)
	b.ReportAllocs()
	for b.Loop() {
		if err := ParseConnection(j, &c); err != nil {
			b.Fatal(err)
		}
	}
}
