package backtest

import (
	"context"
	"fmt"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// begin brings all players to the same starting point.
//
// With the current settings, or others that only affect what becomes of a score, that is
// the newest checkpoint before the span: the model is then what it was at the time. If the
// topic is complete it can also be the beginning of the topic, where the engine started. If
// neither reaches back far enough the span starts later.
//
// With settings that change what is learned no checkpoint fits. All start untrained at the
// oldest record, so that what they learn differs by the settings only.
func (r *backtest) begin(ctx context.Context, players []*player) error {
	spans, err := r.past.client.PacketSpans(ctx)
	if err != nil {
		return err
	}
	a := players[0]
	whole := a.whole(spans)
	if r.changed != nil && !sameModel(r.present, *r.changed) {
		return r.cold(players, whole)
	}
	if r.from == 0 && whole {
		return nil
	}
	found, err := a.restore(ctx, r.past, func(i models.CheckpointInfo) bool { return r.from > 0 && i.EventTS+disorder <= r.from })
	if err == nil && !found && !whole {
		found, err = r.later(ctx, a)
	}
	if err != nil {
		return err
	}
	if !found {
		if !whole && r.changed == nil {
			return fmt.Errorf("lane %d: neither the beginning of the topic nor a usable checkpoint exists, so published alerts cannot be reproduced; --set compares two replays and needs neither", a.id)
		}
		return r.cold(players, whole)
	}
	for _, b := range players[1:] {
		start := a.start
		same, err := b.restore(ctx, r.past, func(i models.CheckpointInfo) bool { return i.Packets == start.Packets && i.EventTS == start.TS })
		if err != nil {
			return err
		}
		if !same {
			if err := a.renew(); err != nil {
				return err
			}
			return r.cold(players, whole)
		}
	}
	return nil
}

// later starts the span at the oldest usable checkpoint.
func (r *backtest) later(ctx context.Context, a *player) (found bool, err error) {
	history, err := r.past.states.History(ctx, a.cfg.Group, a.id)
	if err != nil {
		return false, err
	}
	for _, h := range slices.Backward(history) {
		if found, err = a.restore(ctx, r.past, func(i models.CheckpointInfo) bool { return i == h }); found || err != nil {
			break
		}
	}
	if found {
		if r.from > 0 {
			r.note("the span starts at %s: neither packets nor a checkpoint from before exist", a.start.TS+disorder)
		}
		r.from = max(r.from, a.start.TS+disorder)
	}
	return found, err
}

// cold leaves all players untrained.
func (r *backtest) cold(players []*player, whole bool) error {
	for _, p := range players {
		p.start.Cold = !whole
	}
	if !whole {
		r.note("the models start untrained at the oldest record, so both may differ from the published alerts; they are compared with each other")
	}
	return nil
}
