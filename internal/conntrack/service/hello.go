package service

import "slices"

// Hello is the information extracted from a TLS ClientHello.
type Hello struct {
	SNI string // server name, "" if absent or invalid
	JA4 string // fingerprint, see ja4.go
}

// clientHello is a parsed ClientHello (RFC 8446 section 4.1.2).
type clientHello struct {
	version    int // highest offered
	sni        string
	hasSNI     bool
	ciphers    []uint16
	extensions []uint16
	sigAlgs    []uint16
	alpn       string // first offered
}

// maxList bounds the lists of a hello; the protocol allows far more than any client sends.
const maxList = 512

// parseClientHello parses the body of the handshake message, without type and length.
func parseClientHello(b []byte) (h clientHello, ok bool) {
	r := reader{b: b}
	h.version = r.u16()
	r.skip(32)
	r.skip(r.u8())
	ciphers := r.take(r.u16())
	r.skip(r.u8())
	if r.bad || len(ciphers)%2 != 0 {
		return h, false
	}
	h.ciphers = words(ciphers)
	if len(r.b) == 0 {
		return h, true // older than extensions
	}
	ext := reader{b: r.take(r.u16()), bad: r.bad}
	for len(ext.b) > 0 && !ext.bad && len(h.extensions) < maxList {
		typ := ext.u16()
		body := ext.take(ext.u16())
		if ext.bad {
			return h, false
		}
		h.extensions = append(h.extensions, uint16(typ))
		h.extension(typ, body)
	}
	return h, !ext.bad
}

// extension parses the extensions that are used.
func (h *clientHello) extension(typ int, body []byte) {
	r := reader{b: body}
	switch typ {
	case 0: // server_name, RFC 6066 section 3
		h.hasSNI = true
		list := reader{b: r.take(r.u16())}
		if list.u8() == 0 {
			if name := list.take(list.u16()); !list.bad && hostname(name) {
				h.sni = string(name)
			}
		}
	case 13: // signature_algorithms
		if list := r.take(r.u16()); !r.bad && len(list)%2 == 0 {
			h.sigAlgs = words(list)
		}
	case 16: // application_layer_protocol_negotiation, RFC 7301
		list := reader{b: r.take(r.u16())}
		if name := list.take(list.u8()); !list.bad {
			h.alpn = string(name)
		}
	case 43: // supported_versions
		for _, v := range words(r.take(r.u8())) {
			if !grease(v) && int(v) > h.version || h.version >= 0xfe00 && int(v) >= 0xfe00 {
				h.version = int(v)
			}
		}
	}
}

// hostname reports whether a server name has only characters of host names; it is shown to
// people and logged.
func hostname(b []byte) bool {
	if len(b) == 0 || len(b) > 255 {
		return false
	}
	return !slices.ContainsFunc(b, func(ch byte) bool {
		return (ch < 'a' || ch > 'z') && (ch < 'A' || ch > 'Z') && (ch < '0' || ch > '9') && ch != '.' && ch != '-' && ch != '_' && ch != ':'
	})
}

func words(b []byte) []uint16 {
	n := min(len(b)/2, maxList)
	w := make([]uint16, n)
	for i := range w {
		w[i] = uint16(be16(b[2*i:]))
	}
	return w
}

// grease reports whether v is a reserved GREASE value (RFC 8701).
func grease(v uint16) bool { return v&0x0f0f == 0x0a0a && v>>8 == v&0xff }

// ReadHello parses the first bytes that a TLS client sent. ok reports that h is complete;
// more that further bytes are needed.
func ReadHello(b []byte) (h Hello, ok, more bool) {
	var body []byte
	for rest := b; ; {
		if len(rest) < 5 {
			return h, false, true
		}
		if rest[0] != 22 || rest[1] != 3 {
			return h, false, false
		}
		n := be16(rest[3:])
		if n == 0 || n > 1<<14+256 {
			return h, false, false
		}
		have := min(n, len(rest)-5)
		if body == nil {
			body = rest[5 : 5+have : 5+have]
		} else {
			body = append(body, rest[5:5+have]...) // a hello in several records
		}
		if len(body) >= 4 {
			if body[0] != 1 {
				return h, false, false
			}
			want := 4 + int(body[1])<<16 + be16(body[2:])
			if want > MaxHello {
				return h, false, false
			}
			if len(body) >= want {
				h, ok = finish(body[4:want], 't')
				return h, ok, false
			}
		}
		if have < n {
			return h, false, true
		}
		rest = rest[5+n:]
	}
}

// MaxHello is the maximum size of a buffered hello, in bytes. Hellos with post-quantum key
// shares have about 1.8 kB.
const MaxHello = 8 << 10

// finish returns the Hello of the body of a message sent over transport ('t' TCP, 'q' QUIC, 'd' DTLS).
func finish(body []byte, transport byte) (Hello, bool) {
	c, ok := parseClientHello(body)
	if !ok {
		return Hello{}, false
	}
	return Hello{SNI: c.sni, JA4: c.ja4(transport)}, true
}

// reader reads big-endian fields from a slice; past its end it sets bad and returns zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	t := r.b[:n]
	r.b = r.b[n:]
	return t
}

func (r *reader) skip(n int) { r.take(n) }

func (r *reader) u8() int {
	if t := r.take(1); t != nil {
		return int(t[0])
	}
	return 0
}

func (r *reader) u16() int {
	if t := r.take(2); t != nil {
		return be16(t)
	}
	return 0
}
