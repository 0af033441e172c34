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

// ErrNotFound says that there is none that can be read: begin cold.
var ErrNotFound = errors.New("no checkpoint")

// MaxState is the largest state that can be saved, in bytes.
const MaxState = 256 << 20

// Checkpoints keeps the states of the engine's lanes on the compacted topic: the
// newest, and keyframes of the past. Each goes to a place of its own, never to that of
// the newest, so one that was cut off in the middle leaves the one before whole.
type Store struct {
	c         *client.Client
	cfg       Config
	now       func() time.Time
	fallbacks prometheus.Counter
	mu        sync.Mutex
	at        map[laneKey]*catalogue // what is known to be on the topic; never changed, replaced
	fell      map[laneKey]bool       // health has been told
	topic     [16]byte               // id of the topic that at is of
	most      int                    // part of a state in a chunk at most, found by trial; 0 = not tried
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
		Help: "Checkpoints that could not be read, so that an older one was used or learning began anew."})
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

// Save is SaveInfo for who knows of the offset only.
func (s *Store) Save(ctx context.Context, group string, lane int32, offset int64, state []byte) error {
	return s.SaveInfo(ctx, group, lane, models.CheckpointInfo{Offset: offset}, state)
}

// SaveInfo writes the state of a lane (or partition) and what it stands for. It returns
// when the brokers have it all. state may be changed afterwards. One call at a time for
// each lane. Where info.At is 0 it is now.
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

// again returns when the topic is there, with what it takes by now known.
func (s *Store) again(ctx context.Context, err error) error {
	topic := s.c.Config().Topics.Checkpoints
	s.c.Immediate().Renew(topic)
	before := s.body()
	if s.c.Watcher().Poll(ctx) == nil && errors.Is(err, kerr.MessageTooLarge) && s.body() >= before { // the brokers do not tell
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

// retryPause is how long a save waits that was refused.
const retryPause = 500 * time.Millisecond

// body is how much of a state the topic takes in one record now.
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

// chunkRoom is more than a chunk has besides its part of the state: header, key, batch.
const chunkRoom = 1 << 10

// save is one try of SaveInfo.
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
	// A number that nobody has used, not even a process that died before it could tell.
	e := entry{CheckpointInfo: info, Seq: max(known.seq()+1, uint64(now)), Slot: next.give(s.cfg)}
	if body := s.body(); body < chunkBody {
		e.Body = body
	}
	s.remember(key, next) // from here on the slot's old content is gone, whatever happens
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

// known is the lane's catalogue; another process may have saved before us.
func (s *Store) known(ctx context.Context, key laneKey) (*catalogue, error) {
	s.mu.Lock()
	if id := s.c.Watcher().Topic(s.c.Config().Topics.Checkpoints).ID; id != s.topic { // what was known is of a topic that is gone
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

// records are the chunks, and deletions of those that a larger one left behind.
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
