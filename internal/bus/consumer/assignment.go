package consumer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netlyra/netlyra/internal/bus/extent"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// onAssigned asks the handler where to start and starts a worker for each partition.
func (g *Group) onAssigned(_ context.Context, _ *kgo.Client, added map[string][]int32) {
	for topic, partitions := range added {
		for _, p := range partitions {
			start, err := g.h.Assigned(g.hctx, topic, p)
			if err != nil {
				g.fail(fmt.Errorf("topic %s, partition %d: assign: %w", topic, p, err))
				return
			}
			w := newWorker(g, topic, p, start)
			g.mu.Lock()
			g.workers[extent.Key{Topic: topic, Partition: p}] = w
			g.mu.Unlock()
			go w.run()
		}
	}
	g.mu.Lock()
	g.assigned = true
	g.mu.Unlock()
	g.progress()
}

// adjust sets the start offset of each new partition to the one of its handler, else to the
// committed one. Without either it lists the offsets here instead of leaving that to
// franz-go, so that records which retention removes from then on are noticed.
func (g *Group) adjust(ctx context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	var spans map[extent.Key]extent.Span
	stale, err := g.staleCommits(ctx)
	if err != nil { // franz-go joins the group again
		return nil, err
	}
	for topic, partitions := range offsets {
		for p, o := range partitions {
			w := g.worker(topic, p)
			if w == nil {
				continue
			}
			if w.next.Load() < 0 {
				at := o.EpochOffset().Offset
				recreated := at >= 0 && stale[extent.Key{Topic: topic, Partition: p}]
				if recreated {
					g.log.Error("topic was recreated since the last commit; reading it from its beginning",
						vocabulary.EventTopicRecreated.Attr(), "topic", topic, "partition", p, "committed", at)
				}
				if at < 0 || recreated {
					if spans == nil {
						if spans, err = g.c.Spans(ctx, g.cfg.Topics...); err != nil {
							return nil, err
						}
					}
					s := spans[extent.Key{Topic: topic, Partition: p}]
					if at = s.End; g.cfg.FromBeginning || recreated {
						at = s.Start
					}
				}
				w.begin(at)
			}
			partitions[p] = kgo.NewOffset().At(w.next.Load())
		}
	}
	return offsets, nil
}

// onRevoked stops the workers, calls the handler a last time and commits.
func (g *Group) onRevoked(ctx context.Context, gone map[string][]int32, commit bool) {
	var workers []*worker
	g.mu.Lock()
	for topic, partitions := range gone {
		for _, p := range partitions {
			if w := g.workers[extent.Key{Topic: topic, Partition: p}]; w != nil {
				workers = append(workers, w)
				delete(g.workers, extent.Key{Topic: topic, Partition: p})
			}
		}
	}
	g.mu.Unlock()
	for _, w := range workers {
		w.stop() // waits for the call in progress
		safe, err := g.h.Revoked(ctx, w.topic, w.partition)
		switch {
		case err == nil:
			w.raiseSafe(safe)
		case commit:
			g.fail(fmt.Errorf("topic %s, partition %d: revoke: %w", w.topic, w.partition, err))
		}
	}
	if commit {
		g.commit(ctx, workers)
	}
	g.progress()
}

// onLost handles partitions that have another owner already.
func (g *Group) onLost(gone map[string][]int32) {
	ctx, cancel := context.WithCancel(g.hctx)
	cancel()
	g.log.Warn("partitions lost: this member was silent for longer than the session timeout", vocabulary.EventPartitionsLost.Attr(), "partitions", gone)
	g.onRevoked(ctx, gone, false)
}

func (g *Group) commitLoop(ctx context.Context) {
	tick := time.NewTicker(g.cfg.CommitInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		g.mu.Lock()
		workers := make([]*worker, 0, len(g.workers))
		for _, w := range g.workers {
			workers = append(workers, w)
		}
		g.mu.Unlock()
		g.commit(ctx, workers)
	}
}

// commit commits the safe offsets that are not committed yet. After a failure the next tick
// retries, or the new owner of the partition reads the records again.
func (g *Group) commit(ctx context.Context, workers []*worker) {
	g.commits.Lock()
	defer g.commits.Unlock()
	offsets := map[string]map[int32]kgo.EpochOffset{}
	for _, w := range workers {
		if safe := w.safe.Load(); safe > w.committed.Load() {
			if offsets[w.topic] == nil {
				offsets[w.topic] = map[int32]kgo.EpochOffset{}
			}
			offsets[w.topic][w.partition] = kgo.EpochOffset{Epoch: -1, Offset: safe}
		}
	}
	if len(offsets) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, g.cfg.SessionTimeout)
	defer cancel()
	g.cl.CommitOffsetsSync(withTopicIDs(ctx, workers), offsets, func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
		g.committed(workers, offsets, resp, err)
	})
}

func (g *Group) committed(workers []*worker, offsets map[string]map[int32]kgo.EpochOffset, resp *kmsg.OffsetCommitResponse, err error) {
	refused := map[extent.Key]int16{}
	if err == nil {
		for _, t := range resp.Topics {
			for _, p := range t.Partitions {
				if p.ErrorCode != 0 {
					refused[extent.Key{Topic: t.Topic, Partition: p.Partition}] = p.ErrorCode
				}
			}
		}
	}
	if err != nil || len(refused) > 0 {
		if !errors.Is(err, context.Canceled) {
			g.log.Warn("cannot commit offsets; retrying", vocabulary.EventCommitFailed.Attr(), "err", err, "refused", len(refused))
		}
		if err != nil {
			return
		}
	}
	for _, w := range workers {
		o, ok := offsets[w.topic][w.partition]
		if _, bad := refused[extent.Key{Topic: w.topic, Partition: w.partition}]; ok && !bad {
			w.committed.Store(o.Offset)
		}
	}
}
