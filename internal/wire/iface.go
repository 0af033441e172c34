package wire

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// Interface names come again with every packet, from a handful of interfaces. They
// are kept once; past the limits, which only hostile input reaches, each packet has
// its own copy, which the garbage collector takes.
const (
	maxInternedIfaces = 1024
	maxInternedLen    = 64
)

var (
	ifaces     atomic.Pointer[map[string]string] // copied on write, read without a lock
	ifacesLock sync.Mutex
)

// internIface is b as a string. Safe for concurrent use; allocates only for names
// that were not seen before.
func internIface(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if m := ifaces.Load(); m != nil {
		if s, ok := (*m)[string(b)]; ok {
			return s
		}
	}
	return addIface(string(b))
}

func addIface(s string) string {
	ifacesLock.Lock()
	defer ifacesLock.Unlock()
	var next map[string]string
	if m := ifaces.Load(); m != nil {
		if len(*m) >= maxInternedIfaces || len(s) > maxInternedLen {
			return s
		}
		next = maps.Clone(*m)
	} else {
		next = map[string]string{}
	}
	if len(s) > maxInternedLen {
		return s
	}
	s = strings.Clone(s)
	next[s] = s
	ifaces.Store(&next)
	return s
}
