package frames

import (
	"encoding/binary"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/embedded/guard"
)

// Source generates frames, without end.
type Source struct {
	Topics []string // names that requests use, in addition to invalid ones
	Groups []string // names of groups and transactions that requests use

	r      *rand.Rand
	served []int16
}

// New returns a Source for a seed, whose requests use these topics and groups.
func New(seed uint64, topics, groups []string) *Source {
	served := slices.Sorted(maps.Keys(guard.Versions()))
	return &Source{Topics: topics, Groups: groups, r: rand.New(rand.NewPCG(seed, 14)), served: served}
}

// Next returns a frame, or other bytes that a client could send instead.
func (s *Source) Next() []byte {
	switch n := s.r.IntN(100); {
	case n < 2:
		return s.noise(s.r.IntN(200))
	case n < 4:
		return []byte(foreign[s.r.IntN(len(foreign))])
	case n < 7:
		return s.wrongLength()
	case n < 10:
		return s.noisyBody()
	case n < 15:
		return s.changed(s.produce())
	case n < 30:
		return s.produce()
	case n < 45:
		return s.changed(s.Request())
	default:
		return s.Request()
	}
}

var foreign = []string{
	"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
	"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\n\r\n",
	"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
	"SSH-2.0-OpenSSH_9.6\r\n",
	"\x00\x00\x00\x0a\x7f\xff\x00\x00\x00\x00\x00\x00\xff\xff", // 14 bytes: an unknown key
	"\x7f\xff\xff\xff",
	"\xff\xff\xff\xff\x00\x00",
}

func (s *Source) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(s.r.Uint32())
	}
	return b
}

// framed returns a request with its length in front.
func framed(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// wrongLength returns a frame whose length field does not match its content.
func (s *Source) wrongLength() []byte {
	b := s.Request()
	n := []uint32{0, 1, 9, 10, uint32(len(b)), 1 << 20, 1 << 30, math.MaxInt32, math.MaxUint32}[s.r.IntN(9)]
	binary.BigEndian.PutUint32(b, n)
	return b
}

// noisyBody returns the header of a request followed by noise.
func (s *Source) noisyBody() []byte {
	var b []byte
	b = binary.BigEndian.AppendUint16(b, uint16(s.r.IntN(100)-3))
	b = binary.BigEndian.AppendUint16(b, uint16(s.r.IntN(20)-2))
	b = binary.BigEndian.AppendUint32(b, s.r.Uint32())
	b = append(b, 0xff, 0xff)
	return framed(append(b, s.noise(s.r.IntN(100))...))
}

// changed changes some bytes of a frame after its length field, in place.
func (s *Source) changed(b []byte) []byte {
	for range 1 + s.r.IntN(4) {
		at := 4 + s.r.IntN(len(b)-4)
		switch s.r.IntN(4) {
		case 0:
			b[at] = byte(s.r.Uint32())
		case 1:
			b[at] ^= 1 << s.r.IntN(8)
		case 2:
			for i := at; i < min(at+4, len(b)); i++ {
				b[i] = 0xff
			}
		case 3:
			copy(b[at:], []byte{0x7f, 0xff, 0xff, 0xff})
		}
	}
	return b
}

// Request returns a well-formed request: 90 % have a key and version that the broker accepts,
// the others any that kmsg implements.
func (s *Source) Request() []byte {
	var req kmsg.Request
	key := s.served[s.r.IntN(len(s.served))]
	if s.r.IntN(10) == 0 {
		key = int16(s.r.IntN(93))
	}
	if req = kmsg.RequestForKey(key); req == nil {
		return s.Request()
	}
	versions := guard.Versions()[key]
	if s.r.IntN(10) == 0 || versions[1] == 0 {
		versions = [2]int16{0, req.MaxVersion()}
	}
	req.SetVersion(versions[0] + int16(s.r.IntN(int(versions[1]-versions[0])+1)))
	s.fill(reflect.ValueOf(req).Elem(), "")
	return encode(s.r, req)
}

func encode(r *rand.Rand, req kmsg.Request) []byte {
	f := kmsg.NewRequestFormatter(kmsg.FormatterClientID("frames"))
	b := f.AppendRequest(nil, req, r.Int32())
	binary.BigEndian.PutUint32(b, uint32(len(b)-4)) // kmsg omits the length of ControlledShutdown version 0
	return b
}

// numbers are values that programs often handle wrongly.
var numbers = []int64{-2, -1, 0, 0, 1, 1, 2, 3, 5, 100, 1000, 6000, 60_000, 1 << 20, math.MaxInt32 - 1, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64}

var words = []string{"", "consumer", "range", "range", "cooperative-sticky", ".", "..", "../../x", "a/b", "a\x00b", "cleanup.policy", "compact", "delete", "segment.bytes", "1", "-1", "retention.ms", "SCRAM-SHA-256", "PLAIN"}

// fill sets the fields of a request; field is the name of the field of v.
func (s *Source) fill(v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.Pointer:
		if s.r.IntN(4) == 0 {
			return
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		s.fill(v.Elem(), field)
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "UnknownTags" && name != "Version" && v.Field(i).CanSet() {
				s.fill(v.Field(i), name)
			}
		}
	case reflect.Slice:
		s.fillSlice(v, field)
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(s.r.IntN(2)))
		}
	case reflect.String:
		v.SetString(s.word(field))
	case reflect.Bool:
		v.SetBool(s.r.IntN(2) == 0)
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := numbers[s.r.IntN(len(numbers))]; !v.OverflowInt(n) {
			v.SetInt(n)
		} else {
			v.SetInt(int64(s.r.IntN(3)) - 1)
		}
	case reflect.Uint8:
		v.SetUint(uint64(s.r.IntN(256)))
	case reflect.Float64:
		v.SetFloat(s.r.Float64())
	}
}

func (s *Source) fillSlice(v reflect.Value, field string) {
	n := s.r.IntN(4)
	if v.Type().Elem().Kind() == reflect.Uint8 {
		if field == "Records" {
			v.SetBytes(s.batch())
			return
		}
		n = s.r.IntN(60)
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		if d, ok := v.Index(i).Addr().Interface().(interface{ Default() }); ok {
			d.Default()
		}
		s.fill(v.Index(i), field)
	}
}

func (s *Source) word(field string) string {
	pick := func(list []string) string { return list[s.r.IntN(len(list))] }
	switch {
	case s.r.IntN(10) == 0:
		return pick(words)
	case field == "Topic" || field == "TopicNames" || field == "ResourceName":
		return pick(s.Topics)
	case field == "Group" || field == "Groups" || field == "TransactionalID" || field == "TransactionID" || field == "CoordinatorKey" || field == "CoordinatorKeys":
		return pick(s.Groups)
	}
	return pick(words)
}
