package index

import (
	"unsafe"

	"github.com/netlyra/netlyra/internal/conntrack/hugepage"
)

// Index finds a record number by the hash of its key: open addressing with linear probing.
// A place is eight bytes, so that a probe of eight places stays in one cache line. It holds
// half of the hash as a tag: a false match is improbable (the caller compares keys), and
// places can be moved without reading their records. Deletion closes the gap, so there are
// no tombstones.
//
// Look-ups are the caller's loop over Places, from tag & Mask to the first empty place;
// a method with a callback would cost an indirect call per packet. Use New; one goroutine
// at a time.
type Index struct {
	Places []Place
	Mask   uint32 // len(Places) - 1
	used   uint32
}

// Place is one entry of an Index.
type Place struct {
	Tag uint32 // low half of the hash
	Ref uint32 // number of the record plus 1; 0 is empty
}

const minPlaces = 1 << 10

// New returns an empty index.
func New() Index { return Index{Places: make([]Place, minPlaces), Mask: minPlaces - 1} }

// Used returns the number of records in the index.
func (x *Index) Used() uint32 { return x.used }

// Insert adds record ref under tag. The record must not be in the index.
func (x *Index) Insert(tag, ref uint32) {
	if x.used >= x.Mask/4*3 {
		x.grow()
	}
	i := tag & x.Mask
	for x.Places[i].Ref != 0 {
		i = (i + 1) & x.Mask
	}
	x.Places[i] = Place{tag, ref + 1}
	x.used++
}

func (x *Index) grow() {
	old := x.Places
	x.Places = make([]Place, 2*len(old))
	hugepage.Advise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x.Places))), len(x.Places)*int(unsafe.Sizeof(Place{}))))
	x.Mask = uint32(len(x.Places) - 1)
	for _, p := range old {
		if p.Ref != 0 {
			i := p.Tag & x.Mask
			for x.Places[i].Ref != 0 {
				i = (i + 1) & x.Mask
			}
			x.Places[i] = p
		}
	}
}

// Remove deletes record ref, which was inserted under tag, and moves later places of the
// same run forward. It does nothing if the record is not in the index.
func (x *Index) Remove(tag, ref uint32) {
	i := tag & x.Mask
	for x.Places[i].Ref != ref+1 {
		if x.Places[i].Ref == 0 {
			return
		}
		i = (i + 1) & x.Mask
	}
	x.used--
	for j := i; ; {
		j = (j + 1) & x.Mask
		p := x.Places[j]
		if p.Ref == 0 {
			break
		}
		// p may move to i if its home is not between i (exclusive) and j.
		if (j-p.Tag)&x.Mask >= (j-i)&x.Mask {
			x.Places[i] = p
			i = j
		}
	}
	x.Places[i] = Place{}
}
