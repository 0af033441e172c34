package embedded

import (
	"runtime/debug"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// opening is held while a broker opens its log, because the garbage collector's target is a
// setting of the process.
var opening sync.Mutex

// open starts the cluster, which reads the whole log and keeps an index of it. The hundreds of
// megabytes that it reads become garbage immediately; with the default target of the garbage
// collector, the heap would grow to a multiple of that.
func open(opts []kfake.Opt) (*kfake.Cluster, error) {
	opening.Lock()
	defer opening.Unlock()
	before := debug.SetGCPercent(10)
	defer func() {
		debug.SetGCPercent(before)
		debug.FreeOSMemory()
	}()
	return kfake.NewCluster(opts...)
}
