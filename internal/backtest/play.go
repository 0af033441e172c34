package backtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/bus/checkpoint"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/models"
)

// player is a lane of the engine that processes past records, starting at a checkpoint or
// untrained.
type player struct {
	cfg   engine.Config
	id    int32
	lane  *engine.Lane
	emit  func(a *models.Alert, after uint64) // after: packets processed, including the current one
	start Start
}

// Start is where a replay started.
type Start struct {
	Checkpoint bool             `json:"checkpoint"`       // at a checkpoint of the engine; else untrained
	Cold       bool             `json:"cold,omitempty"`   // untrained, although there was earlier traffic
	Packets    uint64           `json:"packets"`          // processed before
	TS         models.Timestamp `json:"ts,omitempty"`     // event time of the last of them
	Passed     []string         `json:"passed,omitempty"` // errors of checkpoints that were skipped
}

// String describes the start for people.
func (s Start) String() string {
	switch {
	case s.Checkpoint:
		return fmt.Sprintf("the checkpoint of %s, after %d packets", s.TS, s.Packets)
	case s.Cold:
		return "the oldest record, with an untrained model"
	}
	return "the beginning of the topic"
}

func newPlayer(cfg engine.Config, id int32, emit func(*models.Alert, uint64)) (*player, error) {
	p := &player{cfg: cfg, id: id, emit: emit}
	return p, p.renew()
}

// renew resets the lane.
func (p *player) renew() (err error) {
	p.lane, err = engine.NewLane(p.cfg, p.id, func(a *models.Alert) { p.emit(a, p.lane.Status().Packets) })
	p.start = Start{}
	return err
}

// restore loads the newest checkpoint that accept allows, that fits the configuration and
// after which the topic is complete. Without one found is false and the lane is untrained.
func (p *player) restore(ctx context.Context, from *past, accept func(models.CheckpointInfo) bool) (found bool, err error) {
	kept, err := from.client.PacketSpans(ctx)
	if err != nil {
		return false, err
	}
	var passed []string
	tried := map[models.CheckpointInfo]bool{}
	for {
		c, err := from.states.LoadWhere(ctx, p.cfg.Group, p.id, func(i models.CheckpointInfo) bool { return !tried[i] && accept(i) })
		if errors.Is(err, checkpoint.ErrNotFound) {
			p.start.Passed = passed
			return false, nil
		}
		if err != nil {
			return false, err
		}
		tried[c.CheckpointInfo] = true
		for _, bad := range c.FellBackOver {
			passed = append(passed, bad.Error())
		}
		bad := p.lane.Restore(c.State)
		if bad == nil && p.kept(kept) {
			p.start = Start{Checkpoint: true, Packets: c.Packets, TS: c.EventTS, Passed: passed}
			return true, nil
		}
		if err := p.renew(); err != nil {
			return false, err
		}
		if bad == nil { // older ones need even older records
			p.start.Passed = passed
			return false, nil
		}
		passed = append(passed, fmt.Sprintf("checkpoint after %d packets: %v", c.Packets, bad))
	}
}

// kept reports whether the topic has all records after the lane's position.
func (p *player) kept(spans map[int32][2]int64) bool {
	for _, part := range p.cfg.Partitions(p.id) {
		if max(p.lane.Offset(part), 0) < spans[part][0] {
			return false
		}
	}
	return true
}

// whole reports whether the topic has every record of the lane's partitions.
func (p *player) whole(spans map[int32][2]int64) bool {
	for _, part := range p.cfg.Partitions(p.id) {
		if spans[part][0] > 0 {
			return false
		}
	}
	return true
}

// errEnough ends a replay early.
var errEnough = errors.New("enough")

// play reads the topic once for all players, which have the same position, until it ends or
// more returns false. At the end it releases packets that still wait for missing ones.
func play(ctx context.Context, from *past, players []*player, more func() bool) error {
	offsets := map[int32]int64{}
	for _, part := range players[0].cfg.Partitions(players[0].id) {
		offsets[part] = players[0].lane.Offset(part)
	}
	err := consumer.ReplayPackets(ctx, from.client, offsets, func(r *models.Record) error {
		for _, p := range players {
			_ = p.lane.Record(r) // the engine skips unreadable records too
		}
		if !more() {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range players {
		p.lane.Release()
	}
	return nil
}
