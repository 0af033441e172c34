package service

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// buildHello is a ClientHello message with its type and length.
func buildHello(sni string, ciphers []uint16, padding int) []byte {
	var ext []byte
	add := func(typ int, body []byte) {
		ext = binary.BigEndian.AppendUint16(ext, uint16(typ))
		ext = binary.BigEndian.AppendUint16(ext, uint16(len(body)))
		ext = append(ext, body...)
	}
	if sni != "" {
		name := append([]byte{0}, byte(len(sni)>>8), byte(len(sni)))
		name = append(name, sni...)
		add(0, append([]byte{byte(len(name) >> 8), byte(len(name))}, name...))
	}
	add(16, []byte("\x00\x0c\x02h2\x08http/1.1"))
	add(13, []byte{0, 4, 4, 3, 8, 4})
	add(43, []byte{4, 0x0a, 0x0a, 3, 4})
	add(21, make([]byte, padding))

	b := []byte{3, 3}
	b = append(b, make([]byte, 32)...)
	b = append(b, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(2*len(ciphers)))
	for _, c := range ciphers {
		b = binary.BigEndian.AppendUint16(b, c)
	}
	b = append(b, 1, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(ext)))
	b = append(b, ext...)
	return append([]byte{1, byte(len(b) >> 16), byte(len(b) >> 8), byte(len(b))}, b...)
}

// records puts a message into TLS records of at most size bytes.
func records(msg []byte, size int) (out []byte) {
	for len(msg) > 0 {
		n := min(size, len(msg))
		out = append(out, 22, 3, 1, byte(n>>8), byte(n))
		out = append(out, msg[:n]...)
		msg = msg[n:]
	}
	return out
}

var helloCiphers = []uint16{0x1a1a, 0x1301, 0x1302, 0xc02b}

// TestJA4Example is the example of the specification of JA4.
func TestJA4Example(t *testing.T) {
	h := clientHello{
		version: 0x0304, hasSNI: true, alpn: "h2",
		ciphers: []uint16{0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
		extensions: []uint16{0x2a2a, 0x0000, 0x0017, 0xff01, 0x000a, 0x000b, 0x0023, 0x0010, 0x0005, 0x000d, 0x0012, 0x0033, 0x002d, 0x002b,
			0x001b, 0x4469, 0x0015},
		sigAlgs: []uint16{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601},
	}
	if got, want := h.ja4('t'), "t13d1516h2_8daaf6152771_e5627efa2ab1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestALPNEnds(t *testing.T) {
	for p, want := range map[string]string{"": "00", "h2": "h2", "http/1.1": "h1", "h": "hh", "\xab\xcd": "ad", "\x30\xab": "3b"} {
		if got := alpnEnds(p); got != want {
			t.Errorf("%q: got %s, want %s", p, got, want)
		}
	}
}

func TestReadHello(t *testing.T) {
	msg := buildHello("www.example.com", helloCiphers, 700)
	want, ok, _ := ReadHello(records(msg, 1<<14))
	if !ok || want.SNI != "www.example.com" || want.JA4[:10] != "t13d0305h2" {
		t.Fatalf("%+v %v", want, ok)
	}
	for _, size := range []int{1, 3, 100, 16384} {
		stream := records(msg, size)
		for cut := 0; cut < len(stream); cut += 1 + cut/3 {
			if _, ok, more := ReadHello(stream[:cut]); ok || !more {
				t.Fatalf("records of %d cut at %d: ok %v, more %v", size, cut, ok, more)
			}
		}
		if got, ok, _ := ReadHello(append(stream, 20, 3, 3)); !ok || got != want {
			t.Errorf("records of %d: %+v %v", size, got, ok)
		}
	}
}

func TestReadHelloRejects(t *testing.T) {
	good := records(buildHello("a.example", helloCiphers, 0), 1<<14)
	for name, change := range map[string]func([]byte){
		"no handshake":       func(b []byte) { b[0] = 23 },
		"no TLS":             func(b []byte) { b[1] = 9 },
		"a server's":         func(b []byte) { b[5] = 2 },
		"too long":           func(b []byte) { b[6] = 1 },
		"session too long":   func(b []byte) { b[43] = 255 },
		"record too long":    func(b []byte) { b[3] = 0xff },
		"odd ciphers":        func(b []byte) { b[45] = 7 },
		"extension too long": func(b []byte) { b[60] = 0xff },
	} {
		b := bytes.Clone(good)
		change(b)
		if h, ok, more := ReadHello(b); ok || more {
			t.Errorf("%s: %+v %v %v", name, h, ok, more)
		}
	}
	if h, ok, _ := ReadHello(records(buildHello("a\nb", helloCiphers, 0), 1<<14)); !ok || h.SNI != "" {
		t.Errorf("a name with a line break: %+v %v", h, ok)
	}
}

func FuzzReadHello(f *testing.F) {
	f.Add(records(buildHello("a.example", helloCiphers, 10), 100))
	f.Add(records(buildHello("", nil, 0), 1<<14))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, ok, more := ReadHello(b); ok && (more || len(h.JA4) != 36 || len(h.SNI) > 255) {
			t.Fatalf("%+v more %v", h, more)
		}
	})
}

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestInitialKeys has the values of RFC 9001 appendix A.1 and RFC 9369 appendix A.1.
func TestInitialKeys(t *testing.T) {
	dcid := unhex(t, "8394c8f03e515708")
	for _, c := range []struct {
		version uint32
		iv      string
	}{{quicV1, "fa044b2f42a3fd3b46fb255c"}, {quicV2, "91f73e2351d8fa91660e909f"}} {
		k, ok := initialKeys(c.version, dcid)
		if !ok || hex.EncodeToString(k.iv[:]) != c.iv {
			t.Errorf("version %x: iv %x, want %s", c.version, k.iv, c.iv)
		}
	}
	k, _ := initialKeys(quicV1, dcid)
	// The sample and the mask of appendix A.2.
	if m := k.mask(unhex(t, "d1b1c98dd7689fb8ec11d242b123dc9b")); hex.EncodeToString(m[:5]) != "437b9aec36" {
		t.Errorf("mask %x", m[:5])
	}
	if _, ok := initialKeys(0xbabababa, dcid); ok {
		t.Error("keys for an unknown version")
	}
}

// sealInitial is an Initial packet of a client with the given frames.
func sealInitial(version uint32, dcid []byte, number byte, frames []byte) []byte {
	first := byte(0xc0)
	if version == quicV2 {
		first = 0xd0
	}
	b := binary.BigEndian.AppendUint32([]byte{first}, version)
	b = append(b, byte(len(dcid)))
	b = append(b, dcid...)
	b = append(b, 0, 0) // no source id, no token
	b = binary.BigEndian.AppendUint16(b, 0x4000|uint16(1+len(frames)+16))
	at := len(b)
	b = append(b, number)
	k, _ := initialKeys(version, dcid)
	nonce := k.iv
	nonce[11] ^= number
	b = k.aead.Seal(b, nonce[:], frames, b)
	mask := k.mask(b[at+4 : at+20])
	b[0] ^= mask[0] & 0x0f
	b[at] ^= mask[1]
	return b
}

func cryptoFrame(offset int, data []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{6}, 0x4000|uint16(offset))
	b = binary.BigEndian.AppendUint16(b, 0x4000|uint16(len(data)))
	return append(b, data...)
}

func TestQUICHello(t *testing.T) {
	msg := buildHello("quic.example", helloCiphers, 1500)
	dcid := []byte("12345678")
	for _, version := range []uint32{quicV1, quicV2, 0xff00001d} {
		// Out of order, overlapping, with other frames between, in two datagrams.
		one := append([]byte{1, 0, 0}, cryptoFrame(900, msg[900:])...)
		one = append(one, 2, 0, 0, 0, 0)
		two := append(cryptoFrame(300, msg[300:1000]), cryptoFrame(0, msg[:300])...)
		var q QUICHello
		if _, ok, more := q.Read(sealInitial(version, dcid, 0, one)); ok || !more {
			t.Fatalf("version %x: after the first datagram ok %v, more %v", version, ok, more)
		}
		h, ok, _ := q.Read(sealInitial(version, dcid, 1, two))
		if !ok || h.SNI != "quic.example" || h.JA4[:4] != "q13d" {
			t.Errorf("version %x: %+v %v", version, h, ok)
		}
	}
	// Two packets in one datagram.
	var q QUICHello
	both := append(sealInitial(quicV1, dcid, 0, cryptoFrame(0, msg[:500])), sealInitial(quicV1, dcid, 1, cryptoFrame(500, msg[500:]))...)
	if h, ok, _ := q.Read(both); !ok || h.SNI != "quic.example" {
		t.Errorf("coalesced: %+v %v", h, ok)
	}
	// A byte changed on the way.
	q = QUICHello{}
	bad := sealInitial(quicV1, dcid, 0, cryptoFrame(0, msg))
	bad[len(bad)-1] ^= 1
	if _, ok, _ := q.Read(bad); ok || len(q.data) != 0 {
		t.Error("a forged packet was read")
	}
}

func FuzzQUIC(f *testing.F) {
	msg := buildHello("quic.example", helloCiphers, 0)
	f.Add(sealInitial(quicV1, []byte("12345678"), 0, cryptoFrame(0, msg)), []byte{})
	f.Add([]byte{}, cryptoFrame(0, msg))
	f.Fuzz(func(t *testing.T, packet, frames []byte) {
		var q QUICHello
		q.Read(packet)
		q.frames(frames) // what a valid packet may hold is as hostile
		q.Read(packet)
		if len(q.data) > MaxHello || len(q.have) != len(q.data) {
			t.Fatalf("%d bytes kept", len(q.data))
		}
	})
}
