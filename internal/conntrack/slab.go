package conntrack

import "unsafe"

// slab keeps the records of connections in chunks that never move, so that a growing
// table copies nothing and a freed record is used again.
type slab struct {
	chunks []*chunk
	made   uint32 // records handed out at least once
	free   uint32 // head of the free list, linked by conn.wheelNext, number plus 1
}

const (
	chunkBits      = 14
	chunkSize      = 1 << chunkBits
	maxConnections = 1 << 28
)

type chunk struct {
	hot  [chunkSize]conn
	cold [chunkSize]cold
}

func (s *slab) conn(ref uint32) *conn { return &s.chunks[ref>>chunkBits].hot[ref&(chunkSize-1)] }
func (s *slab) cold(ref uint32) *cold { return &s.chunks[ref>>chunkBits].cold[ref&(chunkSize-1)] }

// take returns a record whose content is that of its last use.
func (s *slab) take() uint32 {
	if s.free != 0 {
		ref := s.free - 1
		s.free = s.conn(ref).wheelNext
		return ref
	}
	ref := s.made
	if ref&(chunkSize-1) == 0 {
		c := new(chunk)
		preferHugePages(unsafe.Slice((*byte)(unsafe.Pointer(c)), unsafe.Sizeof(*c)))
		s.chunks = append(s.chunks, c)
	}
	s.made++
	return ref
}

func (s *slab) give(ref uint32) {
	s.conn(ref).wheelNext = s.free
	s.free = ref + 1
}
