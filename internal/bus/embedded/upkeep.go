package embedded

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// upkeep applies retention, compacts topics and monitors the disk until ctx ends. kfake itself
// compacts only topics that were created or altered since its start, so checkpoints would
// accumulate after a restart.
func (b *Broker) upkeep(ctx context.Context) {
	defer close(b.done)
	tick, compact := time.NewTicker(b.cfg.RetentionInterval), time.NewTicker(b.cfg.CompactInterval)
	defer tick.Stop()
	defer compact.Stop()
	refused := false
	for {
		if !b.cfg.Frozen {
			b.cluster.ApplyRetention()
		}
		refused = b.watchDisk(refused)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-compact.C:
			if !b.cfg.Frozen {
				b.cluster.Compact()
			}
		}
	}
}

// guardDisk refuses writes while the disk is almost full, with NOT_ENOUGH_REPLICAS, which
// clients retry. It checks before each write: a disk can fill within a second, and clients
// do not retry the error of a write that fails halfway.
func (b *Broker) guardDisk() {
	if b.cfg.MinFreeBytes == 0 {
		return
	}
	b.cluster.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1,
		When: func(kmsg.Request) bool { _, full := b.full(); return full },
	})
}

// full returns the free bytes of the disk, and whether they are below the minimum.
func (b *Broker) full() (free uint64, full bool) {
	free, err := b.cfg.free(b.cfg.DataDir)
	return free, err == nil && free < b.cfg.MinFreeBytes
}

// watchDisk logs and reports when writes start to be refused and when they are accepted again.
// refused is the previous result.
func (b *Broker) watchDisk(refused bool) bool {
	if b.cfg.MinFreeBytes == 0 {
		return false
	}
	free, full := b.full()
	switch {
	case full && !refused:
		err := fmt.Errorf("disk almost full: %d MiB free for %s, at least %d MiB needed; writes are refused until space is free", free>>20, b.cfg.DataDir, b.cfg.MinFreeBytes>>20)
		b.cfg.Log.Error("embedded broker refuses writes", vocabulary.EventBrokerDiskFull.Attr(), "err", err)
		b.cfg.Health("broker", obs.Failed(vocabulary.ConditionBrokerDiskFull, obs.Params{"free_bytes": free, "min_free_bytes": b.cfg.MinFreeBytes}, "%w", err))
	case !full && refused:
		b.cfg.Log.Info("embedded broker accepts writes again", vocabulary.EventBrokerDiskFree.Attr(), "free_bytes", free)
		b.cfg.Health("broker", nil)
	}
	return full
}
