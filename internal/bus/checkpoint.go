package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ErrNoCheckpoint says that there is none that can be read: begin cold.
var ErrNoCheckpoint = errors.New("no checkpoint")

// MaxCheckpoint is the largest state that can be saved, in bytes.
const MaxCheckpoint = 256 << 20

// Checkpoints keeps the state of partitions on the compacted topic, in two places in
// turn, so that one that was cut off in the middle leaves the one before whole.
type Checkpoints struct {
	c  *Client
	mu sync.Mutex
	at map[checkpointKey]place
}

type checkpointKey struct {
	group     string
	partition int32
}

// place is where the checkpoints of a partition are on the topic.
type place struct {
	seq    uint64 // of the last one, whole or not; 0 = not known
	good   int    // slot of the last whole one; the next goes to the other
	chunks [2]int // chunks that each slot has
}

// Checkpoints of a cluster. One for each process is enough.
func (c *Client) Checkpoints() *Checkpoints {
	return &Checkpoints{c: c, at: map[checkpointKey]place{}}
}

// Save writes the state of a partition and the offset that it stands for: the next
// record to read. It returns when the brokers have it all. state may be changed
// afterwards. One call at a time for each partition.
func (s *Checkpoints) Save(ctx context.Context, group string, partition int32, offset int64, state []byte) error {
	if len(state) > MaxCheckpoint {
		return fmt.Errorf("bus: checkpoint of %s/%d: %d bytes, more than %d", group, partition, len(state), MaxCheckpoint)
	}
	key := checkpointKey{group, partition}
	s.mu.Lock()
	at := s.at[key]
	s.mu.Unlock()
	if at.seq == 0 { // another process may have saved before us
		if _, err := s.load(ctx, key); err != nil && !errors.Is(err, ErrNoCheckpoint) {
			return err
		}
		s.mu.Lock()
		at = s.at[key]
		s.mu.Unlock()
	}
	at.seq++ // never used twice, even if this one fails halfway
	s.remember(key, at)
	slot := 1 - at.good
	records := s.records(key, slot, splitCheckpoint(at.seq, offset, state), at.chunks[slot])
	if err := s.write(ctx, records); err != nil {
		return fmt.Errorf("bus: checkpoint of %s/%d at offset %d: %w", group, partition, offset, err)
	}
	at.chunks[slot], at.good = chunksOf(len(state)), slot
	s.remember(key, at)
	return nil
}

func (s *Checkpoints) remember(key checkpointKey, at place) {
	s.mu.Lock()
	s.at[key] = at
	s.mu.Unlock()
}

// records are the chunks, and deletions of those that a larger one left behind.
func (s *Checkpoints) records(key checkpointKey, slot int, chunks [][]byte, before int) []*kgo.Record {
	var rs []*kgo.Record
	for i := range max(len(chunks), before) {
		r := &kgo.Record{Topic: s.c.cfg.Topics.Checkpoints, Key: chunkKey(key, slot, i)}
		if i < len(chunks) {
			r.Value = chunks[i]
		}
		rs = append(rs, r)
	}
	return rs
}

// write produces the records and waits for all of them, or for ctx, whatever the
// state of the brokers. The chunks are copies, so that they may still be under way.
func (s *Checkpoints) write(ctx context.Context, rs []*kgo.Record) error {
	done := make(chan error, len(rs))
	for _, r := range rs {
		s.c.prompt.TryProduce(context.WithoutCancel(ctx), r, func(_ *kgo.Record, err error) { done <- err })
	}
	var errs []error
	for range rs {
		select {
		case err := <-done:
			errs = append(errs, err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.Join(errs...)
}

// Load is the newest checkpoint of a partition that can be read whole. Where there is
// none the error is ErrNoCheckpoint.
func (s *Checkpoints) Load(ctx context.Context, group string, partition int32) (offset int64, state []byte, err error) {
	found, err := s.load(ctx, checkpointKey{group, partition})
	if err != nil {
		return 0, nil, err
	}
	return found.offset, found.state, nil
}

// load reads the topic from beginning to end.
func (s *Checkpoints) load(ctx context.Context, key checkpointKey) (*checkpoint, error) {
	a := assembly{prefix: string(chunkPrefix(key))}
	if err := s.read(ctx, &a); err != nil {
		return nil, fmt.Errorf("bus: checkpoint of %s/%d: %w", key.group, key.partition, err)
	}
	best, broken := a.best()
	for _, err := range broken {
		s.c.log.Warn("a checkpoint cannot be read; the one before is used", "group", key.group, "partition", key.partition, "err", err)
	}
	s.remember(key, a.place(best))
	if best == nil {
		return nil, fmt.Errorf("%w of group %s, partition %d", ErrNoCheckpoint, key.group, key.partition)
	}
	return best, nil
}

// read feeds every record of the topic to a. Keys decide the partition of the topic
// (Kafka's default partitioner), but whoever made the topic may have added partitions
// since, so all are read.
func (s *Checkpoints) read(ctx context.Context, a *assembly) error {
	topic := s.c.cfg.Topics.Checkpoints
	spans, err := s.c.offsets(ctx, []string{topic})
	if err != nil {
		return err
	}
	left, from := map[int32]int64{}, map[int32]kgo.Offset{}
	for k, sp := range spans {
		if sp.end > sp.start {
			left[k.partition], from[k.partition] = sp.end, kgo.NewOffset().AtStart()
		}
	}
	if len(left) == 0 {
		return nil
	}
	cl, err := s.c.newKgo("checkpoints", kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}), kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		return err
	}
	defer cl.Close()
	for len(left) > 0 {
		fetches := cl.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			for _, r := range p.Records {
				a.add(r.Key, r.Value)
				if r.Offset >= left[p.Partition]-1 {
					delete(left, p.Partition)
				}
			}
		})
		if err := fetches.Err(); err != nil {
			return err
		}
	}
	return nil
}
