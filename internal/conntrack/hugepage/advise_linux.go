package hugepage

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a transparent huge page on the processors that matter.
const hugePage = 2 << 20

// Advise asks the kernel to back b, a record slab or an index, by huge pages. A look-up among
// a million connections touches two pages at random; with small pages the walk through the
// page tables costs as much as reading the data. Only whole huge pages inside of b are
// affected. The kernel may refuse; that changes nothing but speed.
func Advise(b []byte) {
	if len(b) < 2*hugePage {
		return
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	skip := (hugePage - at%hugePage) % hugePage
	size := (uintptr(len(b)) - skip) / hugePage * hugePage
	_ = unix.Madvise(b[skip:skip+size], unix.MADV_HUGEPAGE)
}
