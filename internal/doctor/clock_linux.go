package doctor

import "golang.org/x/sys/unix"

// clockSynced reports whether the kernel considers its clock synchronised.
func clockSynced() (synced, known bool) {
	var t unix.Timex // no modes: read only
	if _, err := unix.Adjtimex(&t); err != nil {
		return false, false
	}
	return t.Status&unix.STA_UNSYNC == 0, true
}
