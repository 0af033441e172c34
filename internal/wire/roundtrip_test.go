package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// fill sets v, and everything that it contains, to random values that JSON can carry.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(r, v.Field(i))
				if v.Type().Field(i).Name == "Lane" { // no lane is negative; see models.ModelRef
					v.Field(i).SetInt(v.Field(i).Int() & math.MaxInt32)
				}
			}
		}
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, key)
			fill(r, value)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString([]string{"", "eth0", "<a>&\"\\", "é\n\u2028", "10.0.0.1"}[r.IntN(5)])
	case reflect.Interface:
		v.Set(reflect.ValueOf("text"))
	case reflect.Float64:
		v.SetFloat([]float64{0, r.Float64(), r.Float64() * 1e22, 1e-9, -1.5}[r.IntN(5)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 1)
	default:
		if v.CanInt() {
			v.SetInt(int64(r.Uint64()) >> (64 - v.Type().Bits()))
		} else {
			v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
		}
	}
}

// TestJSONRoundTrip encodes random values of every type that travels as JSON. They must be
// the same after decoding, also with fields of a later version, and no truncated form may
// decode without an error.
func TestJSONRoundTrip(t *testing.T) {
	for _, proto := range []any{
		models.Alert{}, models.AlertDetail{}, models.CheckpointInfo{}, models.Connection{}, models.DeadLetter{}, models.InstanceStats{},
		models.Ledger{}, models.Page[models.AlertView]{}, models.ScoreBatch{}, models.Stats{}, models.Triage{}, models.TriageEntry{},
	} {
		typ := reflect.TypeOf(proto)
		t.Run(typ.Name(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for range 50 {
				v := reflect.New(typ)
				fill(r, v.Elem())
				want, err := json.Marshal(v.Interface())
				if err != nil {
					t.Fatal(err)
				}
				later := append([]byte(`{"field_of_a_later_version":{"a":[1,"}"]},`), want[1:]...)
				for _, in := range [][]byte{want, later} {
					again := reflect.New(typ)
					if err := json.Unmarshal(in, again.Interface()); err != nil {
						t.Fatalf("%s\n%v", in, err)
					}
					if got, err := json.Marshal(again.Interface()); err != nil || !bytes.Equal(got, want) {
						t.Fatalf("%v\ngot  %s\nwant %s", err, got, want)
					}
				}
				for n := range want {
					if json.Unmarshal(want[:n], reflect.New(typ).Interface()) == nil {
						t.Fatalf("the first %d bytes of %s decode without an error", n, want)
					}
				}
			}
		})
	}
}

func TestTruncatedInputIsAnError(t *testing.T) {
	var m models.PacketMeta
	var c models.Connection
	packet, connection := AppendPacket(nil, &full), AppendConnection(nil, &models.Connection{ID: "C1", Duration: 1.5, JA4: "x"})
	for n := range packet {
		if ParsePacket(packet[:n], &m) == nil {
			t.Errorf("the first %d bytes of a packet parse without an error", n)
		}
	}
	for n := range connection {
		if ParseConnection(connection[:n], &c) == nil {
			t.Errorf("the first %d bytes of a connection parse without an error", n)
		}
	}
}

func TestUnknownFieldsAreSkipped(t *testing.T) {
	const later = `{"field_of_a_later_version":{"a":[1,"}"]},`
	var m models.PacketMeta
	if err := ParsePacket(append([]byte(later), AppendPacket(nil, &full)[1:]...), &m); err != nil || m != full {
		t.Errorf("got  %+v (%v)\nwant %+v", m, err, full)
	}
	want := models.Connection{ID: "C1", Proto: "TCP", Duration: 1.5}
	var c models.Connection
	if err := ParseConnection(append([]byte(later), AppendConnection(nil, &want)[1:]...), &c); err != nil || c != want {
		t.Errorf("got  %+v (%v)\nwant %+v", c, err, want)
	}
}
