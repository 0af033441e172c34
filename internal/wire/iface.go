package wire

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// Every packet carries an interface name, but there are few interfaces, so names are
// interned. Beyond the limits, which only hostile input reaches, each packet gets its own
// copy.
const (
	maxInternedIfaces = 1024
	maxInternedLen    = 64
)

var (
	ifaces     atomic.Pointer[map[string]string] // copied on write, read without a lock
	ifacesLock sync.Mutex
)

// internIface returns b as a string. It allocates only for new names. Safe for concurrent
// use.
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
