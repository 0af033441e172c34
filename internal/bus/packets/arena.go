package packets

// arena hands out the memory of keys and values in large pieces, so that a packet
// costs no allocation of its own. A piece goes back to the garbage collector when
// the last record in it is acknowledged.
type arena struct{ b []byte }

const (
	arenaChunk = 64 << 10
	arenaRoom  = 1 << 10 // more than a packet in JSON needs
)

// grab is an empty slice to append to; what does not fit, append moves elsewhere.
func (a *arena) grab(room int) []byte {
	if cap(a.b)-len(a.b) < room {
		a.b = make([]byte, 0, max(arenaChunk, room))
	}
	return a.b[len(a.b):]
}

// keep makes b, which came from grab and was appended to, part of the arena and
// clips it, so that nobody appends into its neighbour.
func (a *arena) keep(b []byte) []byte {
	if n := len(a.b) + len(b); n <= cap(a.b) && len(b) > 0 && &b[0] == &a.b[:n][len(a.b)] {
		a.b = a.b[:n]
	}
	return b[:len(b):len(b)]
}
