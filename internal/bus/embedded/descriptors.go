package embedded

import (
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/netlimit"
)

// guardDescriptors refuses requests that open files while the process has too few free file
// descriptors, with errors that clients retry. kfake would answer a write with
// UNKNOWN_SERVER_ERROR, which clients do not retry, so records would be lost.
func (b *Broker) guardDescriptors() {
	var enough time.Time
	scarce := func(req kmsg.Request) bool { // called for each partition, always on the broker's goroutine
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
		kmsg.CreateTopics:     kerr.NotController, // clients retry this error of CreateTopics
		kmsg.CreatePartitions: kerr.NotController,
		kmsg.InitProducerID:   kerr.CoordinatorLoadInProgress,
		kmsg.OffsetCommit:     kerr.CoordinatorLoadInProgress,
	} {
		b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Err: err, Count: -1, When: scarce})
	}
}

// Files that a request can open in addition to the open ones.
const (
	stateFiles   = 4 // state of groups, producers and topics, and a temporary file
	maxNeedFiles = 16
)

// trusted is how long the result that maxNeedFiles can be opened is cached. The listener
// reserves more descriptors than that. It is a variable for tests, which take all descriptors
// at once.
var trusted = 5 * time.Millisecond

// filesOf returns the maximum number of files that a request opens: a segment and an index for
// each partition that is written, and a segment for each that is read.
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
