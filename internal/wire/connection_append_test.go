package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/netlyra/netlyra/internal/models"
)

// TestConnectionJSONHasEveryField sets every field to something and compares with
// encoding/json, so that a field added to the struct but not to AppendConnection fails here.
func TestConnectionJSONHasEveryField(t *testing.T) {
	var empty, c models.Connection
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("text" + v.Type().Field(i).Name)
		case reflect.Float64:
			f.SetFloat(float64(i) + 0.25)
		case reflect.Int64:
			f.SetInt(int64(i) * 1e17)
		default:
			f.SetUint(uint64(i) + 1)
		}
	}
	for _, c := range []*models.Connection{&empty, &c} {
		want, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendConnection(nil, c); !bytes.Equal(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func BenchmarkConnectionJSON(b *testing.B) {
	c := models.Connection{ID: "C0123456789a", TS: usual.TS, LastTS: usual.TS, SrcIP: "10.0.0.1", DstIP: "10.0.0.2", Proto: "TCP",
		State: "SF", Phase: "closed", History: "ShADadFf", OrigPackets: 10, RespBytes: 12345, Duration: 1.234567, Community: "1:LQU9qZlK+B5F3KDmev6m5PMibrg="}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendConnection(buf[:0], &c)
	}
}
