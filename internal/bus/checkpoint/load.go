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

// Load is LoadInfo that returns the offset and the state only.
func (s *Store) Load(ctx context.Context, group string, lane int32) (offset int64, state []byte, err error) {
	c, err := s.LoadInfo(ctx, group, lane)
	if err != nil {
		return 0, nil, err
	}
	return c.Offset, c.State, nil
}

// LoadInfo returns the newest readable checkpoint of a lane, with the errors of newer ones.
// Without one the error is ErrNotFound, which wraps an UnreadableError if there are
// checkpoints but none is readable. Unreadable checkpoints degrade health and are logged.
func (s *Store) LoadInfo(ctx context.Context, group string, lane int32) (*models.Checkpoint, error) {
	key := laneKey{group, lane}
	c, err := s.load(ctx, key, func(models.CheckpointInfo) bool { return true })
	s.report(key, c, err)
	return c, err
}

// LoadWhere returns the newest readable checkpoint of a lane for which accept returns true.
// It is for analysis of the past and changes neither health nor metrics.
func (s *Store) LoadWhere(ctx context.Context, group string, lane int32, accept func(models.CheckpointInfo) bool) (*models.Checkpoint, error) {
	return s.load(ctx, laneKey{group, lane}, accept)
}

// History returns the checkpoints of a lane, the newest first.
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

// load tries the checkpoints of the catalogue, the newest first. If all are unreadable, it
// rebuilds the catalogue from the topic and tries again.
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
			found, _, err = s.try(ctx, cat, accept) // those tried before fail again
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

// UnreadableError means that there are checkpoints and that none is readable.
type UnreadableError struct{ all []error }

// Error lists the errors of all checkpoints.
func (u *UnreadableError) Error() string {
	return fmt.Sprintf("none of %d checkpoints is readable: %v", len(u.all), errors.Join(u.all...))
}

// badCheckpoint is the error of an unreadable checkpoint.
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

// try reads entries, the newest first, until one is readable.
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

// report logs unreadable checkpoints, counts them and degrades health.
func (s *Store) report(key laneKey, c *models.Checkpoint, err error) {
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
		obs.Params{"lane": key.lane, "checkpoints": len(broken), "fallback": c != nil}, "%d checkpoints of lane %d are unreadable; %s", len(broken), key.lane, what))
}

// Component is the health component of checkpoints.
const Component = "checkpoints"

// recovered restores health once a checkpoint was saved.
func (s *Store) recovered(key laneKey) {
	s.mu.Lock()
	fell := s.fell[key]
	delete(s.fell, key)
	s.mu.Unlock()
	if fell {
		s.c.Deps().Health(Component, nil)
	}
}
