package demo

import (
	"math/rand/v2"
	"strings"
)

// message is the data that one end sends: a head, then bytes of a pool up to n. Only the head
// is stored.
type message struct {
	up   bool  // from the client
	gap  int64 // pause before it, ns
	head []byte
	n    int
	pool []byte // bytes after the head; nil if n is the head's length
	at   int    // where in the pool it begins
}

// read copies the message from off on into dst.
func (m *message) read(dst []byte, off int) {
	if off < len(m.head) {
		k := copy(dst, m.head[off:])
		dst, off = dst[k:], off+k
	}
	for len(dst) > 0 {
		k := copy(dst, m.pool[(m.at+off)%len(m.pool):])
		dst, off = dst[k:], off+k
	}
}

// pools are the bytes from which payloads are taken.
type pools struct {
	noise []byte // as encrypted: 8 bits a byte
	text  []byte // as HTML: about 4.5
	doc   []byte // as an office document or a print job: between
}

const poolSize = 256 << 10

var words = strings.Fields(`the of and to in is you that it he was for on are as with his they at be this have from or
	one had by word but not what all were we when your can said there use an each which she do how their if will up other
	about out many then them these so some her would make like him into time has look two more write go see number no way
	could people my than first water been call who oil its now find long down day did get come made may part report order
	office invoice customer meeting project status budget`)

// newPools fills the pools; the same rng gives the same bytes.
func newPools(rng *rand.Rand) *pools {
	p := &pools{noise: make([]byte, poolSize), doc: make([]byte, 0, poolSize)}
	for i := range p.noise {
		p.noise[i] = byte(rng.Uint32())
	}
	var t strings.Builder
	for t.Len() < poolSize {
		if rng.IntN(12) == 0 {
			t.WriteString("</p>\r\n<p class=\"body\">")
		}
		t.WriteString(words[rng.IntN(len(words))])
		t.WriteByte(' ')
	}
	p.text = []byte(t.String())
	for len(p.doc) < poolSize {
		at := rng.IntN(poolSize - 600)
		p.doc = append(p.doc, p.text[at:at+200+rng.IntN(300)]...)
		p.doc = append(p.doc, p.noise[at:at+rng.IntN(200)]...)
		p.doc = append(p.doc, make([]byte, rng.IntN(60))...)
	}
	return p
}
