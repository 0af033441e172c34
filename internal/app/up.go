package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/sensor"
)

// Up runs every role in one process, with the embedded broker or the configured cluster.
// With opts.ExitWhenDone it returns when the input has ended and everything was scored and
// stored, else when ctx ends.
func Up(ctx context.Context, cfg *config.Config, in sensor.Input, opts Options) (*Summary, error) {
	opts.Role = "up"
	n, err := newNode(ctx, cfg, opts, true, slices.Concat(sensorStages, engineStages, coreStages)...)
	if err != nil {
		return nil, err
	}
	defer n.close()
	c, err := n.newCore(ctx)
	if err != nil {
		return nil, err
	}
	sum, err := c.up(ctx, in)
	return sum, errors.Join(err, c.close())
}

// up runs a sensor and an engine around the core.
func (c *core) up(ctx context.Context, in sensor.Input) (*Summary, error) {
	n := c.node
	sensor, err := n.sensor(ctx, in)
	if err != nil {
		return nil, err
	}
	s, err := n.newScorer(ctx)
	if err != nil {
		return nil, err
	}
	before, err := c.store.Counts(ctx)
	if err != nil {
		return nil, err
	}
	p := pipeline{log: n.log}
	p.stages = append(p.stages,
		stage{name: "sensor", run: sensor.Run, finite: true, grace: 2 * defaultGrace},
		s.stage())
	p.stages = append(p.stages, c.stages()...)
	p.stages = append(p.stages, c.accounts(sensor, s)...)
	if n.opts.ExitWhenDone {
		p.drained = func(ctx context.Context) error {
			err := s.group.WaitCaughtUp(ctx)
			if err == nil && n.opts.OnDrained != nil {
				n.opts.OnDrained()
			}
			return err
		}
	}
	p.ready = func() { c.announce(in) }
	begin := time.Now()
	if err := p.run(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	sum := n.summary(time.Since(begin))
	after, err := c.store.Counts(context.WithoutCancel(ctx))
	sum.Alerts, sum.NewAlerts, sum.Connections = after.Alerts, after.Alerts-before.Alerts, after.Connections
	return sum, err
}
