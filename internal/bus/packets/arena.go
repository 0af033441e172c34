package packets

// arena allocates keys and values in chunks, so that a packet needs no separate
// allocation. A chunk is garbage once its last record is acknowledged.
type arena struct{ b []byte }

const (
	arenaChunk = 64 << 10
	arenaRoom  = 1 << 10 // upper bound of a packet in JSON
)

// grab returns an empty slice with capacity for at least room bytes; append reallocates
// what does not fit.
func (a *arena) grab(room int) []byte {
	if cap(a.b)-len(a.b) < room {
		a.b = make([]byte, 0, max(arenaChunk, room))
	}
	return a.b[len(a.b):]
}

// keep makes b, which came from grab and was appended to, part of the arena and clips its
// capacity, so that appending to it cannot overwrite the next slice.
func (a *arena) keep(b []byte) []byte {
	if n := len(a.b) + len(b); n <= cap(a.b) && len(b) > 0 && &b[0] == &a.b[:n][len(a.b)] {
		a.b = a.b[:n]
	}
	return b[:len(b):len(b)]
}
