package guard

import (
	"encoding/binary"
	"math"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Limits of one request, in addition to its size: a small body must not cause much work or
// memory.
const (
	maxElements = 50_000 // elements of all arrays of a request
	maxTags     = 64     // tagged fields of a request; clients send fewer than ten
	maxName     = 249    // bytes of the name of a group or a transaction; the same as of topics
)

// request is the result of walking a frame.
type request struct {
	key, version int16
	noAnswer     bool   // a Produce with acks=0
	group, txn   []byte // names, if the request can create them
}

// walker checks the body of a request against its schema, in place. It allocates nothing, and
// rewrites the fields that are limited.
type walker struct {
	b        []byte
	at       int
	version  int16
	flexible bool
	elements int
	tags     int
	bad      Reason
	limits   *Config
	records  func(batch []byte) // called with each batch of a Produce
	req      *request
}

func (w *walker) fail(why Reason) {
	if w.bad == "" {
		w.bad = why
	}
	w.at = len(w.b)
}

// take returns the next n bytes, nil if there are fewer.
func (w *walker) take(n int) []byte {
	if n < 0 || n > len(w.b)-w.at {
		w.fail(Malformed)
		return nil
	}
	w.at += n
	return w.b[w.at-n : w.at : w.at]
}

func (w *walker) int16() int16 {
	if b := w.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (w *walker) int32() int32 {
	if b := w.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

// uvarint reads an unsigned variable-length number of at most 32 bits.
func (w *walker) uvarint() uint32 {
	n, size := binary.Uvarint(w.b[w.at:min(len(w.b), w.at+5)])
	if size <= 0 || n > math.MaxUint32 {
		w.fail(Malformed)
		return 0
	}
	w.at += size
	return uint32(n)
}

// length reads a length in the compact or the fixed encoding; -1 is null.
func (w *walker) length(short, nullable bool) int {
	var n int
	switch {
	case w.flexible:
		n = int(w.uvarint()) - 1
	case short:
		n = int(w.int16())
	default:
		n = int(w.int32())
	}
	if n < -1 || n == -1 && !nullable {
		w.fail(Malformed)
	}
	return n
}

func (w *walker) bytes(short, nullable bool) []byte {
	n := w.length(short, nullable)
	if n <= 0 {
		return nil
	}
	return w.take(n)
}

// tagged skips the tagged fields at the end of a struct.
func (w *walker) tagged() {
	n := int(w.uvarint())
	if w.tags += n; n > maxTags || w.tags > maxTags {
		w.fail(Malformed)
		return
	}
	for range n {
		w.uvarint()
		w.take(int(w.uvarint()))
	}
}

// count reads the length of an array. Each element has at least one byte.
func (w *walker) count(nullable bool) int {
	n := w.length(false, nullable)
	if n < 0 || w.bad != "" {
		return 0
	}
	if n > len(w.b)-w.at {
		w.fail(Malformed)
		return 0
	}
	if w.elements += n; w.elements > maxElements {
		w.fail(TooManyElements)
		return 0
	}
	return n
}

func (w *walker) fields(list []field) {
	for i := range list {
		f := &list[i]
		if w.version < f.min || w.version > f.max || w.bad != "" {
			continue
		}
		switch {
		case f.kind == '[':
			for range w.count(f.nullable) {
				if w.fields(f.elems); w.flexible {
					w.tagged()
				}
				if w.bad != "" {
					return
				}
			}
		case f.array:
			n := w.count(f.nullable)
			if size := sizes[f.kind]; size > 0 {
				w.take(n * size)
				continue
			}
			for range n {
				w.one(f.kind, false)
			}
		default:
			w.one(f.kind, f.nullable)
		}
	}
}

// sizes of the types of a fixed size.
var sizes = [256]int{'b': 1, 'h': 2, 'i': 4, 'l': 8, 'u': 16}

func (w *walker) one(kind byte, nullable bool) {
	if n := sizes[kind]; n > 0 {
		w.take(n)
		return
	}
	switch kind {
	case 's':
		w.bytes(true, nullable)
	case 'y':
		w.bytes(false, nullable)
	case 'G':
		w.req.group = w.name(nullable)
	case 'X':
		w.req.txn = w.name(nullable)
	case 'A':
		w.req.noAnswer = w.int16() == 0
	case 'R':
		if b := w.bytes(false, nullable); b != nil && w.records != nil {
			w.records(b)
		}
	default:
		w.bounded(kind)
	}
}

func (w *walker) name(nullable bool) []byte {
	b := w.bytes(true, nullable)
	if len(b) > maxName {
		w.fail(Malformed)
	}
	return b
}

// bounded rewrites the fields of a Fetch that let a client determine the state or memory of
// the broker: the time to wait, the size of the answer, and fetch sessions (KIP-227), which
// can grow without a limit. Epoch -1 requests no session; clients accept the answer of a
// broker without sessions.
func (w *walker) bounded(kind byte) {
	b := w.take(4)
	if b == nil {
		return
	}
	n := int32(binary.BigEndian.Uint32(b))
	switch kind {
	case 'W':
		n = min(n, int32(w.limits.MaxWait.Milliseconds()))
	case 'M':
		n = min(n, int32(w.limits.MaxResponse))
	case 'N':
		n = 0
	case 'E':
		n = -1
	}
	binary.BigEndian.PutUint32(b, uint32(n))
}

// header skips the rest of the header, after key and version.
func (w *walker) header() {
	w.take(4)                  // correlation id
	if n := w.int16(); n > 0 { // client id, never in the compact encoding
		w.take(int(n))
	} else if n < -1 {
		w.fail(Malformed)
	}
	if w.flexible {
		w.tagged()
	}
}

// walk checks the whole request; its body must end at the end of the bytes.
func (w *walker) walk(a *api) Reason {
	w.at = 4
	w.header()
	if w.fields(a.fields); w.flexible && w.bad == "" {
		w.tagged()
	}
	if w.bad == "" && w.at != len(w.b) {
		w.fail(Malformed)
	}
	return w.bad
}

// check checks a frame without its length, rewrites its limited fields, and fills in req. It
// calls records with each batch of a Produce.
func check(b []byte, limits *Config, records func([]byte), req *request) Reason {
	if len(b) < minFrame {
		return FrameTooShort
	}
	req.key, req.version = int16(binary.BigEndian.Uint16(b)), int16(binary.BigEndian.Uint16(b[2:]))
	a := apis[req.key]
	switch {
	case a == nil:
		return UnknownAPI
	case req.version > a.max && kmsg.Key(req.key) == kmsg.ApiVersions:
		return "" // the answer has the supported versions; the body is not read
	case req.version < a.min || req.version > a.max:
		return UnsupportedVersion
	}
	w := walker{b: b, version: req.version, flexible: req.version >= a.flexible, limits: limits, records: records, req: req}
	return w.walk(a)
}

// minFrame is the size of key, version, correlation id and the length of the client id.
const minFrame = 10
