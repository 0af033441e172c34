package embedded

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// upkeep applies retention and watches the disk until ctx ends.
func (b *Broker) upkeep(ctx context.Context) {
	defer close(b.done)
	tick := time.NewTicker(b.cfg.RetentionInterval)
	defer tick.Stop()
	var refusal *kfake.FaultHandle
	for {
		if !b.cfg.Frozen {
			b.cluster.ApplyRetention()
		}
		refusal = b.watchDisk(refusal)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// watchDisk refuses writes while the disk is nearly full. A write that fails halfway
// would be an error that clients do not retry; NOT_ENOUGH_REPLICAS is one they do.
func (b *Broker) watchDisk(refusal *kfake.FaultHandle) *kfake.FaultHandle {
	if b.cfg.MinFreeBytes == 0 {
		return nil
	}
	free, err := b.cfg.free(b.cfg.DataDir)
	full := err == nil && free < b.cfg.MinFreeBytes
	switch {
	case full && refusal == nil:
		err := fmt.Errorf("disk nearly full: %d MiB free for %s, %d wanted; writes wait until there is room", free>>20, b.cfg.DataDir, b.cfg.MinFreeBytes>>20)
		b.cfg.Log.Error("embedded broker refuses writes", "err", err)
		b.cfg.Health("broker", err)
		return b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
	case !full && refusal != nil:
		refusal.Remove()
		b.cfg.Log.Info("embedded broker takes writes again", "free_bytes", free)
		b.cfg.Health("broker", nil)
		return nil
	}
	return refusal
}
