package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// Load is LoadInfo for who wants the offset and the state only.
func (s *Store) Load(ctx context.Context, group string, lane int32) (offset int64, state []byte, err error) {
	c, err := s.LoadInfo(ctx, group, lane)
	if err != nil {
		return 0, nil, err
	}
	return c.Offset, c.State, nil
}

// LoadInfo is the newest checkpoint of a lane that can be read whole, with what was
// wrong with newer ones. Where there is none the error is ErrNotFound; it says so
// too when there are some and none can be read.
func (s *Store) LoadInfo(ctx context.Context, group string, lane int32) (*models.Checkpoint, error) {
	key := laneKey{group, lane}
	c, err := s.load(ctx, key, func(models.CheckpointInfo) bool { return true })
	s.tell(key, c, err)
	return c, err
}

// LoadWhere is the newest checkpoint of a lane that accept takes and that can be read
// whole. It is for looking into the past: neither health nor metrics hear of it.
func (s *Store) LoadWhere(ctx context.Context, group string, lane int32, accept func(models.CheckpointInfo) bool) (*models.Checkpoint, error) {
	return s.load(ctx, laneKey{group, lane}, accept)
}

// History is what checkpoints of a lane there are, the newest first.
func (s *Store) History(ctx context.Context, group string, lane int32) ([]models.CheckpointInfo, error) {
	c, _, err := s.find(ctx, laneKey{group, lane})
	if err != nil {
		return nil, fmt.Errorf("bus: checkpoints of %s/%d: %w", group, lane, err)
	}
	var list []models.CheckpointInfo
	for _, e := range slices.Backward(c.List) {
		list = append(list, e.CheckpointInfo)
	}
	return list, nil
}

// load tries one checkpoint after the other, first by the catalogue, then, where all
// that it has are broken, by what is on the topic.
func (s *Store) load(ctx context.Context, key laneKey, accept func(models.CheckpointInfo) bool) (*models.Checkpoint, error) {
	fail := func(err error) error {
		return fmt.Errorf("bus: checkpoint of %s/%d: %w", key.group, key.lane, err)
	}
	cat, scanned, err := s.find(ctx, key)
	if err != nil {
		return nil, fail(err)
	}
	s.remember(key, cat)
	found, broken, err := s.try(ctx, cat, accept)
	if err == nil && found == nil && len(broken) > 0 && scanned == nil {
		if cat, scanned, err = s.scan(ctx, key); err == nil {
			s.remember(key, cat)
			found, _, err = s.try(ctx, cat, accept) // those that it has tried before are broken still
		}
	}
	if err != nil {
		return nil, fail(err)
	}
	for _, bad := range scanned {
		if !slices.ContainsFunc(broken, bad.same) {
			broken = append(broken, bad)
		}
	}
	if found == nil {
		return nil, noCheckpoint(key, broken)
	}
	return &models.Checkpoint{CheckpointInfo: found.entry.CheckpointInfo, State: found.state, FellBackOver: broken}, nil
}

func noCheckpoint(key laneKey, broken []error) error {
	err := fmt.Errorf("%w of group %s, lane %d", ErrNotFound, key.group, key.lane)
	if len(broken) == 0 {
		return err
	}
	return fmt.Errorf("%w: %w", err, &UnreadableError{broken})
}

// unreadable says that there are checkpoints, and what is wrong with each.
type UnreadableError struct{ all []error }

func (u *UnreadableError) Error() string {
	return fmt.Sprintf("none of %d can be read: %v", len(u.all), errors.Join(u.all...))
}

// badCheckpoint is one that cannot be read, and why.
type badCheckpoint struct {
	entry entry
	err   error
}

func (b *badCheckpoint) Error() string {
	return fmt.Sprintf("checkpoint %d at offset %d: %v", b.entry.Seq, b.entry.Offset, b.err)
}

func (b *badCheckpoint) Unwrap() error { return b.err }

func (b *badCheckpoint) same(other error) bool {
	o, ok := other.(*badCheckpoint)
	return ok && o.entry.Seq == b.entry.Seq
}

type loaded struct {
	entry entry
	state []byte
}

// try reads the entries from the newest on until one is whole.
func (s *Store) try(ctx context.Context, cat *catalogue, accept func(models.CheckpointInfo) bool) (found *loaded, broken []error, err error) {
	for _, e := range slices.Backward(cat.List) {
		if !accept(e.CheckpointInfo) {
			continue
		}
		values, err := s.fetch(ctx, e.Chunks)
		if err != nil {
			return nil, broken, err
		}
		state, bad := e.join(values)
		if bad == nil {
			return &loaded{e, state}, broken, nil
		}
		broken = append(broken, &badCheckpoint{e, bad})
	}
	return nil, broken, nil
}

// tell says that the newest checkpoint was not the one to go on from.
func (s *Store) tell(key laneKey, c *models.Checkpoint, err error) {
	var none *UnreadableError
	var broken []error
	switch {
	case c != nil:
		broken = c.FellBackOver
	case errors.As(err, &none):
		broken = none.all
	}
	if len(broken) == 0 {
		return
	}
	s.fallbacks.Add(float64(len(broken)))
	what := "using an older one"
	if c == nil {
		what = "starting with an untrained model"
	}
	s.c.Log().Warn("cannot read the newest checkpoints", vocabulary.EventCheckpointsUnreadable.Attr(), "fallback", c != nil,
		"group", key.group, "lane", key.lane, "broken", len(broken), "err", errors.Join(broken...))
	s.mu.Lock()
	s.fell[key] = true
	s.mu.Unlock()
	s.c.Deps().Health(Component, obs.Degraded(vocabulary.ConditionCheckpointsUnreadable,
		obs.Params{"lane": key.lane, "checkpoints": len(broken), "fallback": c != nil}, "%d checkpoints of lane %d cannot be read; %s", len(broken), key.lane, what))
}

// Component is under what name health hears of checkpoints.
const Component = "checkpoints"

// recovered tells health that there is a newest checkpoint again.
func (s *Store) recovered(key laneKey) {
	s.mu.Lock()
	fell := s.fell[key]
	delete(s.fell, key)
	s.mu.Unlock()
	if fell {
		s.c.Deps().Health(Component, nil)
	}
}
