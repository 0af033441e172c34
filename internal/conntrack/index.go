package conntrack

import "unsafe"

// index finds a record by the hash of its key: open addressing with linear probing,
// eight bytes a place, so that a probe of eight places stays in one cache line. A
// place has half of the hash as its tag, which makes a false match a matter of luck
// (the caller compares keys), and lets places move without a look at their records:
// deletion closes the gap, so that there are no tombstones to collect.
type index struct {
	places []place
	mask   uint32
	used   uint32
}

type place struct {
	tag uint32 // low half of the hash
	ref uint32 // number of the record plus 1; 0 is empty
}

const minPlaces = 1 << 10

func (x *index) init() { *x = index{places: make([]place, minPlaces), mask: minPlaces - 1} }

// insert adds a reference under tag; the caller knows that it is not there.
func (x *index) insert(tag, ref uint32) {
	if x.used >= x.mask/4*3 {
		x.grow()
	}
	i := tag & x.mask
	for x.places[i].ref != 0 {
		i = (i + 1) & x.mask
	}
	x.places[i] = place{tag, ref + 1}
	x.used++
}

func (x *index) grow() {
	old := x.places
	x.places = make([]place, 2*len(old))
	preferHugePages(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x.places))), len(x.places)*int(unsafe.Sizeof(place{}))))
	x.mask = uint32(len(x.places) - 1)
	for _, p := range old {
		if p.ref != 0 {
			i := p.tag & x.mask
			for x.places[i].ref != 0 {
				i = (i + 1) & x.mask
			}
			x.places[i] = p
		}
	}
}

// remove takes the reference away and moves later places of the same run forward.
func (x *index) remove(tag, ref uint32) {
	i := tag & x.mask
	for x.places[i].ref != ref+1 {
		if x.places[i].ref == 0 {
			return
		}
		i = (i + 1) & x.mask
	}
	x.used--
	for j := i; ; {
		j = (j + 1) & x.mask
		p := x.places[j]
		if p.ref == 0 {
			break
		}
		// p may move to i if its home is not between i (exclusive) and j.
		if (j-p.tag)&x.mask >= (j-i)&x.mask {
			x.places[i] = p
			i = j
		}
	}
	x.places[i] = place{}
}
