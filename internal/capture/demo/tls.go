package demo

import (
	"encoding/binary"
	"math/rand/v2"
)

// TLS records (RFC 8446).
const (
	tlsHandshake   = 22
	tlsApplication = 23
	maxRecord      = 16 << 10
)

// record is the five bytes before a TLS record of n bytes.
func record(kind byte, n int) []byte { return []byte{kind, 3, 3, byte(n >> 8), byte(n)} }

// extension appends a TLS extension.
func extension(b []byte, kind uint16, body ...byte) []byte {
	b = binary.BigEndian.AppendUint16(b, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)))
	return append(b, body...)
}

func random(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// clientHello is a TLS 1.3 ClientHello record with a server name, "" for none.
func clientHello(rng *rand.Rand, name string) []byte {
	b := []byte{3, 3}
	b = append(b, random(rng, 32)...)
	b = append(b, 32)
	b = append(b, random(rng, 32)...)
	suites := []uint16{0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8}
	b = binary.BigEndian.AppendUint16(b, uint16(2*len(suites)))
	for _, s := range suites {
		b = binary.BigEndian.AppendUint16(b, s)
	}
	b = append(b, 1, 0)

	var e []byte
	if name != "" {
		n := len(name)
		e = extension(e, 0, append([]byte{0, byte(n + 3), 0, 0, byte(n)}, name...)...)
	}
	e = extension(e, 10, 0, 6, 0, 29, 0, 23, 0, 24)
	e = extension(e, 11, 1, 0)
	e = extension(e, 13, 0, 8, 4, 3, 8, 4, 4, 1, 5, 3)
	e = extension(e, 16, append([]byte{0, 12, 2}, "h2\x08http/1.1"...)...)
	e = extension(e, 43, 4, 3, 4, 3, 3)
	e = extension(e, 45, 1, 1)
	e = extension(e, 51, append([]byte{0, 36, 0, 29, 0, 32}, random(rng, 32)...)...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e)))
	return handshake(1, append(b, e...))
}

// serverHello is the answer: TLS 1.3, x25519.
func serverHello(rng *rand.Rand) []byte {
	b := []byte{3, 3}
	b = append(b, random(rng, 32)...)
	b = append(b, 32)
	b = append(b, random(rng, 32)...)
	b = append(b, 0x13, 0x01, 0)
	var e []byte
	e = extension(e, 43, 3, 4)
	e = extension(e, 51, append([]byte{0, 29, 0, 32}, random(rng, 32)...)...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e)))
	return handshake(2, append(b, e...))
}

// handshake wraps a handshake message into a record.
func handshake(kind byte, body []byte) []byte {
	b := record(tlsHandshake, len(body)+4)
	b = append(b, kind, 0, byte(len(body)>>8), byte(len(body)))
	return append(b, body...)
}

// tlsOpening is the handshake of a TLS 1.3 session: hello, hello with the encrypted
// certificate, finished.
func tlsOpening(rng *rand.Rand, p *pools, name string) []message {
	ch := clientHello(rng, name)
	cert := 2200 + rng.IntN(1800)
	sh := append(serverHello(rng), 20, 3, 3, 0, 1, 1)
	sh = append(sh, record(tlsApplication, cert)...)
	done := append([]byte{20, 3, 3, 0, 1, 1}, record(tlsApplication, 69)...)
	return []message{
		{up: true, head: ch, n: len(ch)},
		{head: sh, n: len(sh) + cert, pool: p.noise, at: rng.IntN(poolSize)},
		{up: true, gap: 1_000_000, head: done, n: len(done) + 69, pool: p.noise, at: rng.IntN(poolSize)},
	}
}

// tlsData appends n encrypted bytes, cut into records.
func tlsData(script []message, rng *rand.Rand, p *pools, up bool, gap int64, n int) []message {
	for n > 0 {
		k := min(n, maxRecord)
		script = append(script, message{up: up, gap: gap, head: record(tlsApplication, k), n: 5 + k, pool: p.noise, at: rng.IntN(poolSize)})
		n -= k
		gap = 0
	}
	return script
}
