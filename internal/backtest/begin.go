package backtest

import (
	"context"
	"fmt"
	"slices"

	"github.com/netlyra/netlyra/internal/models"
)

// begin brings the players to where they begin, the same place for all.
//
// With the present settings, or others that only decide what becomes of a score, that is
// the newest checkpoint before the span: the model is then what it was at the time. Where
// the beginning of the topic is kept it can begin there just as well, for that is where
// the engine began. Where neither reaches back far enough the span begins later.
//
// With settings that change what is learned no checkpoint fits. All begin as new with the
// oldest record that is kept, so that what they learned differs by the settings alone.
func (r *backtest) begin(ctx context.Context, players []*player) error {
	spans, err := r.past.client.PacketSpans(ctx)
	if err != nil {
		return err
	}
	a := players[0]
	whole := a.whole(spans)
	if r.changed != nil && !decides(r.present, *r.changed) {
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
			return fmt.Errorf("lane %d: neither the beginning of the topic nor a checkpoint that fits is kept, so what was published cannot be reproduced; with --set two runs are compared, which needs neither", a.id)
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

// later begins the span at the oldest checkpoint that can be used.
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
			r.note("the past is known from %s on only: nothing older is kept, neither packets nor a checkpoint", a.start.TS+disorder)
		}
		r.from = max(r.from, a.start.TS+disorder)
	}
	return found, err
}

// cold leaves all players as new.
func (r *backtest) cold(players []*player, whole bool) error {
	for _, p := range players {
		p.start.Cold = !whole
	}
	if !whole {
		r.note("the models begin as new with the oldest record that is kept, so both may say other than what was published; they are compared with each other")
	}
	return nil
}
