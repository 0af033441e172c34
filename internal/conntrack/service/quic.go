package service

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Initial packets of QUIC are encrypted with keys that follow from the first
// destination connection id (RFC 9001 section 5.2), so that an observer can decrypt them.

var (
	saltV1 = []byte{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a}
	saltV2 = []byte{0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9}
	salt29 = []byte{0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99}
)

const (
	quicV1 = 1
	quicV2 = 0x6b3343cf
)

// QUICHello assembles the ClientHello from the Initial packets of a client. Its CRYPTO frames
// may be in any order and in several packets. The zero value is ready for use.
type QUICHello struct {
	data []byte // of the stream, from its start; holes are zero
	have []bool // which bytes are set
}

// Read parses one datagram of the client. ok reports that h is complete; more that further
// datagrams may complete it.
func (q *QUICHello) Read(b []byte) (h Hello, ok, more bool) {
	for len(b) > 0 {
		plain, rest, good := openInitial(b)
		if !good {
			break
		}
		q.frames(plain)
		b = rest
	}
	if len(q.have) < 4 || !all(q.have[:4]) {
		return h, false, true
	}
	n := 4 + int(q.data[1])<<16 + be16(q.data[2:])
	if q.data[0] != 1 || n > MaxHello {
		return h, false, false
	}
	if len(q.have) < n || !all(q.have[:n]) {
		return h, false, true
	}
	h, ok = finish(q.data[4:n], 'q')
	return h, ok, false
}

func all(b []bool) bool {
	for _, v := range b {
		if !v {
			return false
		}
	}
	return true
}

// openInitial removes the protection of the packet at the start of a datagram (RFC 9001
// section 5), and returns its frames and the following packets.
func openInitial(b []byte) (plain, rest []byte, ok bool) {
	if len(b) < 7 || b[0]&0xc0 != 0xc0 {
		return nil, nil, false
	}
	version := be32(b[1:])
	initial := byte(0)
	if version == quicV2 {
		initial = 1
	}
	if b[0]>>4&3 != initial {
		return nil, nil, false
	}
	r := reader{b: b[5:]}
	dcid := r.take(r.u8())
	r.skip(r.u8())          // source connection id
	r.skip(int(r.varint())) // token
	length := r.varint()
	if r.bad || len(dcid) > 20 || length > uint64(len(r.b)) || length < 20 {
		return nil, nil, false
	}
	at := len(b) - len(r.b) // of the packet number
	end := at + int(length)
	k, ok := initialKeys(version, dcid)
	if !ok {
		return nil, nil, false
	}
	head := append([]byte(nil), b[:at+4]...)
	mask := k.mask(b[at+4 : at+20])
	head[0] ^= mask[0] & 0x0f
	n := int(head[0]&3) + 1
	number := uint64(0)
	for i := range n {
		head[at+i] ^= mask[1+i]
		number = number<<8 | uint64(head[at+i])
	}
	nonce := k.iv
	for i := range 8 {
		nonce[11-i] ^= byte(number >> (8 * i))
	}
	plain, err := k.aead.Open(nil, nonce[:], b[at+n:end], head[:at+n])
	return plain, b[end:], err == nil
}

// varint is a variable-length integer (RFC 9000 section 16).
func (r *reader) varint() uint64 {
	first := r.u8()
	v := uint64(first & 0x3f)
	for range 1<<(first>>6) - 1 {
		v = v<<8 | uint64(r.u8())
	}
	if v > 1<<30 {
		r.bad = true // no used field is so long
		return 0
	}
	return v
}

// keys protect the Initial packets of a client.
type keys struct {
	aead cipher.AEAD
	hp   cipher.Block
	iv   [12]byte
}

func initialKeys(version uint32, dcid []byte) (k keys, ok bool) {
	salt, prefix := saltV1, "quic "
	switch {
	case version == quicV1:
	case version == quicV2:
		salt, prefix = saltV2, "quicv2 "
	case version >= 0xff00001d && version <= 0xff000020: // drafts 29 to 32
		salt = salt29
	default:
		return k, false
	}
	secret, err := hkdf.Extract(sha256.New, dcid, salt)
	if err != nil {
		return k, false
	}
	client := expand(secret, "client in", 32)
	block, err := aes.NewCipher(expand(client, prefix+"key", 16))
	if err != nil {
		return k, false
	}
	if k.aead, err = cipher.NewGCM(block); err != nil {
		return k, false
	}
	copy(k.iv[:], expand(client, prefix+"iv", 12))
	k.hp, err = aes.NewCipher(expand(client, prefix+"hp", 16))
	return k, err == nil
}

// expand is HKDF-Expand-Label of RFC 8446 section 7.1 without context.
func expand(secret []byte, label string, n int) []byte {
	info := append([]byte{byte(n >> 8), byte(n), byte(len("tls13 ") + len(label))}, "tls13 "+label...)
	out, err := hkdf.Expand(sha256.New, secret, string(append(info, 0)), n)
	if err != nil {
		return make([]byte, n) // lengths are fixed, so this cannot fail; with zeros decryption would fail
	}
	return out
}

func (k *keys) mask(sample []byte) (m [16]byte) {
	k.hp.Encrypt(m[:], sample)
	return m
}

// frames extracts the CRYPTO frames of an Initial packet, which has few others.
func (q *QUICHello) frames(b []byte) {
	r := reader{b: b}
	for len(r.b) > 0 && !r.bad {
		switch typ := r.u8(); typ {
		case 0, 1: // padding, ping
		case 2, 3: // acknowledgement
			r.varint()
			r.varint()
			ranges := r.varint()
			r.varint()
			for i := uint64(0); i < ranges && !r.bad; i++ {
				r.varint()
				r.varint()
			}
			if typ == 3 {
				r.varint()
				r.varint()
				r.varint()
			}
		case 6: // crypto
			offset := r.varint()
			q.put(offset, r.take(int(r.varint())))
		default: // a close, or a frame that is not allowed here
			return
		}
	}
}

func (q *QUICHello) put(offset uint64, b []byte) {
	end := offset + uint64(len(b))
	if end > MaxHello {
		return
	}
	if n := int(end) - len(q.data); n > 0 {
		q.data = append(q.data, make([]byte, n)...)
		q.have = append(q.have, make([]bool, n)...)
	}
	copy(q.data[offset:], b)
	for i := offset; i < end; i++ {
		q.have[i] = true
	}
}
