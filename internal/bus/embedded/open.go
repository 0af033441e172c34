package embedded

import (
	"runtime/debug"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// opening orders brokers of one process that start at once: the collector is the
// process's.
var opening sync.Mutex

// open starts the cluster, which reads the whole log and keeps an index of it. What it
// reads is garbage at once, of hundreds of megabytes, which the collector would by
// default let grow to a multiple before it looks.
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
