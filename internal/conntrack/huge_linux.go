package conntrack

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a transparent huge page on the processors that matter.
const hugePage = 2 << 20

// preferHugePages asks the kernel to back the memory of b, a record slab or the index,
// by huge pages: a look-up among a million connections touches two pages at random, and
// with small ones the walk through the page tables costs as much as the data. It is
// advice about whole huge pages inside of b only; a refusal changes nothing but speed.
func preferHugePages(b []byte) {
	if len(b) < 2*hugePage {
		return
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	skip := (hugePage - at%hugePage) % hugePage
	size := (uintptr(len(b)) - skip) / hugePage * hugePage
	_ = unix.Madvise(b[skip:skip+size], unix.MADV_HUGEPAGE)
}
