package conntrack

import (
	"unsafe"

	"github.com/netlyra/netlyra/internal/conntrack/hugepage"
)

// slab stores the records of connections in chunks, so that a growing table copies nothing,
// and reuses freed records. Only the first chunk starts small and moves while it grows, so
// pointers to records are invalid after a call of take.
type slab struct {
	hot  [][]conn
	cold [][]cold
	made uint32 // records handed out at least once
	free uint32 // head of the free list, linked by conn.wheelNext, number plus 1
}

const (
	chunkBits      = 14
	chunkSize      = 1 << chunkBits
	firstChunk     = 1 << 7
	maxConnections = 1 << 28
)

func (s *slab) conn(ref uint32) *conn   { return &s.hot[ref>>chunkBits][ref&(chunkSize-1)] }
func (s *slab) coldOf(ref uint32) *cold { return &s.cold[ref>>chunkBits][ref&(chunkSize-1)] }

// take returns a record, with the content of its previous use.
func (s *slab) take() uint32 {
	if s.free != 0 {
		ref := s.free - 1
		s.free = s.conn(ref).wheelNext
		return ref
	}
	ref := s.made
	switch {
	case ref == 0:
		s.hot, s.cold = [][]conn{make([]conn, firstChunk)}, [][]cold{make([]cold, firstChunk)}
	case ref < chunkSize && int(ref) == len(s.hot[0]):
		s.hot[0] = append(make([]conn, 0, 2*ref), s.hot[0]...)[:2*ref]
		s.cold[0] = append(make([]cold, 0, 2*ref), s.cold[0]...)[:2*ref]
	case ref&(chunkSize-1) == 0:
		s.hot, s.cold = append(s.hot, make([]conn, chunkSize)), append(s.cold, make([]cold, chunkSize))
		h := s.hot[len(s.hot)-1]
		hugepage.Advise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(h))), len(h)*int(unsafe.Sizeof(conn{}))))
	}
	s.made++
	return ref
}

func (s *slab) give(ref uint32) {
	s.conn(ref).wheelNext = s.free
	s.free = ref + 1
}
