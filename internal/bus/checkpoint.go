package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/bus/writer"
	"github.com/netlyra/netlyra/internal/models"
)

// ErrNoCheckpoint says that there is none that can be read: begin cold.
var ErrNoCheckpoint = errors.New("no checkpoint")

// MaxCheckpoint is the largest state that can be saved, in bytes.
const MaxCheckpoint = 256 << 20

// Checkpoints keeps the states of the engine's lanes on the compacted topic: the
// newest, and keyframes of the past. Each goes to a place of its own, never to that of
// the newest, so one that was cut off in the middle leaves the one before whole.
type Checkpoints struct {
	c         *Client
	cfg       CheckpointConfig
	now       func() time.Time
	fallbacks prometheus.Counter
	mu        sync.Mutex
	at        map[checkpointKey]*catalogue // what is known to be on the topic; never changed, replaced
	fell      map[checkpointKey]bool       // health has been told
	topic     [16]byte                     // id of the topic that at is of
	most      int                          // part of a state in a chunk at most, found by trial; 0 = not tried
}

type checkpointKey struct {
	group     string
	partition int32
}

// Checkpoints of a cluster, with the default number of keyframes. One for each process
// is enough.
func (c *Client) Checkpoints() *Checkpoints { return c.CheckpointsWith(DefaultCheckpointConfig()) }

// CheckpointsWith is Checkpoints with another configuration, which must be valid.
func (c *Client) CheckpointsWith(cfg CheckpointConfig) *Checkpoints {
	s := &Checkpoints{c: c, cfg: cfg, now: time.Now, at: map[checkpointKey]*catalogue{}, fell: map[checkpointKey]bool{}}
	s.fallbacks = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netlyra", Subsystem: "bus", Name: "checkpoint_fallbacks_total",
		Help: "Checkpoints that could not be read, so that an older one was used or learning began anew."})
	if reg := c.deps.Registerer; reg != nil {
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
func (s *Checkpoints) Save(ctx context.Context, group string, partition int32, offset int64, state []byte) error {
	return s.SaveInfo(ctx, group, partition, models.CheckpointInfo{Offset: offset}, state)
}

// SaveInfo writes the state of a lane (or partition) and what it stands for. It returns
// when the brokers have it all. state may be changed afterwards. One call at a time for
// each lane. Where info.At is 0 it is now.
func (s *Checkpoints) SaveInfo(ctx context.Context, group string, partition int32, info models.CheckpointInfo, state []byte) error {
	fail := func(err error) error {
		return fmt.Errorf("bus: checkpoint of %s/%d at offset %d: %w", group, partition, info.Offset, err)
	}
	if len(state) > MaxCheckpoint {
		return fail(fmt.Errorf("%d bytes, more than %d", len(state), MaxCheckpoint))
	}
	for {
		err := s.save(ctx, checkpointKey{group, partition}, info, state)
		if err == nil || !writer.Curable(err) {
			if err != nil {
				return fail(err)
			}
			return nil
		}
		s.c.log.Warn("a checkpoint was refused; trying again with what the topic takes now", "group", group, "lane", partition, "err", err)
		if err := s.again(ctx, err); err != nil {
			return fail(err)
		}
	}
}

// again returns when the topic is there, with what it takes by now known.
func (s *Checkpoints) again(ctx context.Context, err error) error {
	topic := s.c.cfg.Topics.Checkpoints
	s.c.prompt.Renew(topic)
	before := s.body()
	if s.c.watcher.Poll(ctx) == nil && errors.Is(err, kerr.MessageTooLarge) && s.body() >= before { // the brokers do not tell
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
func (s *Checkpoints) body() int {
	s.mu.Lock()
	most := s.most
	s.mu.Unlock()
	body := min(chunkBody, s.c.prompt.Batch(s.c.cfg.Topics.Checkpoints)-chunkRoom)
	if most > 0 {
		body = min(body, most)
	}
	return max(body, leastBody)
}

// chunkRoom is more than a chunk has besides its part of the state: header, key, batch.
const chunkRoom = 1 << 10

// save is one try of SaveInfo.
func (s *Checkpoints) save(ctx context.Context, key checkpointKey, info models.CheckpointInfo, state []byte) error {
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
	head, err := done.encodeWithin(s.c.prompt.Batch(s.c.cfg.Topics.Checkpoints) - chunkRoom)
	if err != nil {
		return err
	}
	if _, err := s.write(ctx, []*kgo.Record{{Topic: s.c.cfg.Topics.Checkpoints, Key: headKey(key), Value: head}}); err != nil {
		return err
	}
	s.remember(key, done)
	s.recovered(key)
	return nil
}

// known is the lane's catalogue; another process may have saved before us.
func (s *Checkpoints) known(ctx context.Context, key checkpointKey) (*catalogue, error) {
	s.mu.Lock()
	if id := s.c.watcher.Topic(s.c.cfg.Topics.Checkpoints).ID; id != s.topic { // what was known is of a topic that is gone
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

func (s *Checkpoints) remember(key checkpointKey, c *catalogue) {
	s.mu.Lock()
	s.at[key] = c
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
