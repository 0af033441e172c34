package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/writer"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// ErrNotFound means that there is no readable checkpoint: start untrained.
var ErrNotFound = errors.New("no checkpoint")

// MaxState is the maximum size of a state in bytes.
const MaxState = 256 << 20

// Store saves and loads the states of the engine's lanes. Make it with New.
type Store struct {
	c         *client.Client
	cfg       Config
	now       func() time.Time
	fallbacks prometheus.Counter
	mu        sync.Mutex
	at        map[laneKey]*catalogue // catalogues as last read or written; replaced, never modified
	fell      map[laneKey]bool       // lanes with degraded health
	topic     [16]byte               // id of the topic that at describes
	most      int                    // maximum size of a chunk's part of a state, found by trial; 0: not tried
}

type laneKey struct {
	group string
	lane  int32
}

// New returns a Store on the checkpoints topic; cfg must be valid. One for each process is
// enough.
func New(c *client.Client, cfg Config) *Store {
	s := &Store{c: c, cfg: cfg, now: time.Now, at: map[laneKey]*catalogue{}, fell: map[laneKey]bool{}}
	s.fallbacks = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netlyra", Subsystem: "bus", Name: "checkpoint_fallbacks_total",
		Help: "Unreadable checkpoints, in place of which an older one was used or the model started untrained."})
	if reg := c.Deps().Registerer; reg != nil {
		var had prometheus.AlreadyRegisteredError
		if err := reg.Register(s.fallbacks); errors.As(err, &had) {
			if counter, ok := had.ExistingCollector.(prometheus.Counter); ok {
				s.fallbacks = counter
			}
		}
	}
	return s
}

// Save is SaveInfo with an offset only.
func (s *Store) Save(ctx context.Context, group string, lane int32, offset int64, state []byte) error {
	return s.SaveInfo(ctx, group, lane, models.CheckpointInfo{Offset: offset}, state)
}

// SaveInfo writes the state of a lane with info, whose At defaults to now. It returns when
// the brokers have acknowledged all of it; state may be changed afterwards. Only one call
// at a time is allowed for each lane.
func (s *Store) SaveInfo(ctx context.Context, group string, lane int32, info models.CheckpointInfo, state []byte) error {
	fail := func(err error) error {
		return fmt.Errorf("bus: checkpoint of %s/%d at offset %d: %w", group, lane, info.Offset, err)
	}
	if len(state) > MaxState {
		return fail(fmt.Errorf("%d bytes, more than %d", len(state), MaxState))
	}
	for {
		err := s.save(ctx, laneKey{group, lane}, info, state)
		if err == nil || !writer.Curable(err) {
			if err != nil {
				return fail(err)
			}
			return nil
		}
		s.c.Log().Warn("brokers refused a checkpoint; retrying with the current limits of the topic", vocabulary.EventCheckpointRefused.Attr(), "group", group, "lane", lane, "err", err)
		if err := s.again(ctx, err); err != nil {
			return fail(err)
		}
	}
}

// again waits before a retry and updates the limits of the topic.
func (s *Store) again(ctx context.Context, err error) error {
	topic := s.c.Config().Topics.Checkpoints
	s.c.Immediate().Renew(topic)
	before := s.body()
	if s.c.Watcher().Poll(ctx) == nil && errors.Is(err, kerr.MessageTooLarge) && s.body() >= before { // the brokers do not report their limit
		s.mu.Lock()
		s.most = max(before/2, leastBody)
		s.mu.Unlock()
	}
	select {
	case <-ctx.Done():
		return errors.Join(ctx.Err(), err)
	case <-time.After(retryPause):
		return nil
	}
}

// retryPause is the delay before a refused save is retried.
const retryPause = 500 * time.Millisecond

// body returns how many bytes of a state fit into one record of the topic now.
func (s *Store) body() int {
	s.mu.Lock()
	most := s.most
	s.mu.Unlock()
	body := min(chunkBody, s.c.Immediate().Batch(s.c.Config().Topics.Checkpoints)-chunkRoom)
	if most > 0 {
		body = min(body, most)
	}
	return max(body, leastBody)
}

// chunkRoom is an upper bound of what a chunk has besides its part of the state: header, key
// and batch.
const chunkRoom = 1 << 10

// save is one attempt of SaveInfo.
func (s *Store) save(ctx context.Context, key laneKey, info models.CheckpointInfo, state []byte) error {
	known, err := s.known(ctx, key)
	if err != nil {
		return err
	}
	now := models.TimestampOf(s.now())
	if info.At == 0 {
		info.At = now
	}
	next := known.clone()
	// Larger than any number in use, including those of a process that died while saving.
	e := entry{CheckpointInfo: info, Seq: max(known.seq()+1, uint64(now)), Slot: next.give(s.cfg)}
	if body := s.body(); body < chunkBody {
		e.Body = body
	}
	s.remember(key, next) // from here on the slot's old content is overwritten, also if the save fails
	records := s.records(key, e.Slot, e.split(state), known.left[e.Slot])
	at, err := s.write(ctx, records)
	if err != nil {
		return err
	}
	done := next.clone()
	e.Chunks = at[:e.chunks()]
	done.List, done.left[e.Slot] = append(done.List, e), len(e.Chunks)
	head, err := done.encodeWithin(s.c.Immediate().Batch(s.c.Config().Topics.Checkpoints) - chunkRoom)
	if err != nil {
		return err
	}
	if _, err := s.write(ctx, []*kgo.Record{{Topic: s.c.Config().Topics.Checkpoints, Key: headKey(key), Value: head}}); err != nil {
		return err
	}
	s.remember(key, done)
	s.recovered(key)
	return nil
}

// known returns the lane's catalogue. It reads the topic at first use: another process may
// have saved the lane before.
func (s *Store) known(ctx context.Context, key laneKey) (*catalogue, error) {
	s.mu.Lock()
	if id := s.c.Watcher().Topic(s.c.Config().Topics.Checkpoints).ID; id != s.topic { // the topic was recreated
		clear(s.at)
		s.topic = id
	}
	c := s.at[key]
	s.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, _, err := s.find(ctx, key)
	if err == nil {
		s.remember(key, c)
	}
	return c, err
}

func (s *Store) remember(key laneKey, c *catalogue) {
	s.mu.Lock()
	s.at[key] = c
	s.mu.Unlock()
}

// records returns the chunks, and tombstones for chunks of a larger state before.
func (s *Store) records(key laneKey, slot int, chunks [][]byte, before int) []*kgo.Record {
	var rs []*kgo.Record
	for i := range max(len(chunks), before) {
		r := &kgo.Record{Topic: s.c.Config().Topics.Checkpoints, Key: chunkKey(key, slot, i)}
		if i < len(chunks) {
			r.Value = chunks[i]
		}
		rs = append(rs, r)
	}
	return rs
}
