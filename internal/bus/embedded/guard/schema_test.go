package guard

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// fill sets every field of a request to a valid value, arrays to a few elements.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() && r.IntN(3) > 0 && v.CanSet() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if !v.IsNil() {
			fill(r, v.Elem(), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "UnknownTags" && name != "Version" && v.Field(i).CanSet() {
				fill(r, v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		n := r.IntN(4)
		if v.Type().Elem().Kind() == reflect.Uint8 {
			n = r.IntN(300)
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			if d, ok := v.Index(i).Addr().Interface().(interface{ Default() }); ok {
				d.Default()
			}
			fill(r, v.Index(i), depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth)
		}
	case reflect.String:
		v.SetString("netlyra.packets"[:r.IntN(16)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.IntN(100)))
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(256)))
	}
}

// frame returns an encoded request without its length.
func frame(req kmsg.Request) []byte {
	return kmsg.NewRequestFormatter(kmsg.FormatterClientID("test")).AppendRequest(nil, req, 7)[4:]
}

func walkFrame(b []byte) (request, Reason) {
	cfg := DefaultConfig()
	var req request
	return req, check(b, &cfg, nil, &req)
}

// eachRequest calls f with n requests of every accepted key and version.
func eachRequest(t *testing.T, n int, f func(t *testing.T, r *rand.Rand, req kmsg.Request)) {
	t.Helper()
	for key, a := range apis {
		t.Run(a.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(key)))
			for v := a.min; v <= a.max; v++ {
				for range n {
					req := kmsg.RequestForKey(key)
					req.SetVersion(v)
					fill(r, reflect.ValueOf(req).Elem(), 0)
					f(t, r, req)
				}
			}
		})
	}
}

// TestSchemasMatchTheProtocol checks that requests encoded by kmsg are accepted in every version,
// and that they are refused with one byte less or more.
func TestSchemasMatchTheProtocol(t *testing.T) {
	eachRequest(t, 60, func(t *testing.T, r *rand.Rand, req kmsg.Request) {
		b := frame(req)
		if _, why := walkFrame(b); why != "" {
			t.Fatalf("version %d refused as %s: %+v\n%x", req.GetVersion(), why, req, b)
		}
		if _, why := walkFrame(b[:len(b)-1]); why == "" {
			t.Fatalf("version %d: accepted without its last byte: %+v", req.GetVersion(), req)
		}
		if _, why := walkFrame(append(b, 0)); why == "" {
			t.Fatalf("version %d: accepted with an additional byte: %+v", req.GetVersion(), req)
		}
	})
}

// TestAcceptedCanBeDecoded checks that kmsg can decode the accepted ones of frames with changed
// bytes.
func TestAcceptedCanBeDecoded(t *testing.T) {
	accepted := 0
	eachRequest(t, 200, func(t *testing.T, r *rand.Rand, req kmsg.Request) {
		b := frame(req)
		for range 1 + r.IntN(3) {
			switch at := 4 + r.IntN(len(b)-4); r.IntN(3) {
			case 0:
				b[at] = byte(r.IntN(256))
			case 1:
				b[at] ^= 1 << r.IntN(8)
			case 2:
				copy(b[at:], []byte{0xff, 0xff, 0xff, 0x7f}[:min(4, len(b)-at)])
			}
		}
		if _, why := walkFrame(b); why != "" {
			return
		}
		accepted++
		body := b[8:]
		if n := int16(binary.BigEndian.Uint16(body)); n > 0 {
			body = body[n:]
		}
		body = body[2:]
		again := kmsg.RequestForKey(req.Key())
		again.SetVersion(req.GetVersion())
		if again.IsFlexible() {
			n := body[0]
			body = body[1:]
			for range n { // tags have one byte in this test
				_, tag := binary.Uvarint(body)
				body = body[tag:]
				size, m := binary.Uvarint(body)
				body = body[m+int(size):]
			}
		}
		if err := again.ReadFrom(body); err != nil && req.Key() != int16(kmsg.Fetch) { // kmsg decodes the tagged fields of a Fetch; kfake closes the connection if they are invalid
			t.Fatalf("version %d: accepted, but kmsg cannot decode it: %v: %x", req.GetVersion(), err, b)
		}
	})
	if accepted == 0 {
		t.Error("no changed frame was accepted, so nothing was tested")
	}
}

// TestCheckDoesNotAllocate checks that check allocates nothing.
func TestCheckDoesNotAllocate(t *testing.T) {
	req := kmsg.NewPtrMetadataRequest()
	req.SetVersion(12)
	for range 100 {
		req.Topics = append(req.Topics, kmsg.NewMetadataRequestTopic())
	}
	b := frame(req)
	cfg := DefaultConfig()
	var r request
	if n := testing.AllocsPerRun(100, func() {
		if why := check(b, &cfg, nil, &r); why != "" {
			t.Fatal(why)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
