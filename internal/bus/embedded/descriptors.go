package embedded

import (
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// guardDescriptors has requests that open files refused while the process has too few
// descriptors, with errors that clients try again. kfake would answer a write with
// UNKNOWN_SERVER_ERROR, which is final: records would be lost.
func (b *Broker) guardDescriptors() {
	var enough time.Time
	scarce := func(req kmsg.Request) bool { // asked for each partition, all on the broker's goroutine
		now := time.Now()
		switch {
		case now.Sub(enough) < trusted:
			return false
		case netlimit.Spare(maxNeedFiles):
			enough = now
			return false
		}
		return !netlimit.Spare(filesOf(req))
	}
	for key, err := range map[kmsg.Key]*kerr.Error{
		kmsg.Produce:          kerr.NotEnoughReplicas,
		kmsg.Fetch:            kerr.KafkaStorageError,
		kmsg.ListOffsets:      kerr.KafkaStorageError,
		kmsg.CreateTopics:     kerr.NotController, // the one that clients try again here
		kmsg.CreatePartitions: kerr.NotController,
		kmsg.InitProducerID:   kerr.CoordinatorLoadInProgress,
		kmsg.OffsetCommit:     kerr.CoordinatorLoadInProgress,
	} {
		b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Err: err, Count: -1, When: scarce})
	}
}

// Files that requests may need besides those that are open.
const (
	stateFiles   = 4 // of groups, producers, topics: one each, and one that takes its place
	maxNeedFiles = 16
)

// trusted is for how long it is taken for granted that maxNeedFiles can be opened. The
// listener keeps more descriptors than that from connections.
const trusted = 5 * time.Millisecond

// filesOf is how many files a request may open: a segment and its index for each
// partition that is written, and a segment for each that is read.
func filesOf(req kmsg.Request) int {
	n := stateFiles
	switch r := req.(type) {
	case *kmsg.ProduceRequest:
		for i := range r.Topics {
			n += 2 * len(r.Topics[i].Partitions)
		}
	case *kmsg.FetchRequest:
		for i := range r.Topics {
			n += len(r.Topics[i].Partitions)
		}
	}
	return min(n, maxNeedFiles)
}
