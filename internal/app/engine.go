package app

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
)

// scorer is an engine in its consumer group.
type scorer struct {
	engine *engine.Engine
	final  *finalStatus // the group's handler
	group  *consumer.Group
	topic  string
	lanes  int32
}

// Engine runs an engine until ctx ends.
func Engine(ctx context.Context, cfg *config.Config, opts Options) error {
	opts.Role = "engine"
	n, err := newNode(ctx, cfg, opts, false, engineStages...)
	if err != nil {
		return err
	}
	defer n.close()
	s, err := n.newScorer(ctx)
	if err != nil {
		return err
	}
	p := pipeline{log: n.log, stages: []stage{
		s.stage(),
		{name: "telemetry", run: n.telemetry(nil, s).Run},
	}}
	return p.run(ctx)
}

// newScorer creates the engine and its consumer group.
func (n *node) newScorer(ctx context.Context) (*scorer, error) {
	partitions, err := n.client.PacketPartitions(ctx)
	if err != nil {
		return nil, err
	}
	cfg, err := settings.Engine(n.cfg, partitions)
	if err != nil {
		return nil, err
	}
	s := &scorer{topic: n.cfg.KafkaTopicPackets}
	s.lanes = int32(cfg.Lanes)
	if s.engine, err = engine.New(cfg, n.engineDeps(func(ctx context.Context) bool { return s.group.AtEnd(ctx) })); err != nil {
		return nil, err
	}
	s.final = newFinalStatus(s.engine, s.engine.Statuses)
	s.group = consumer.NewGroup(n.client, consumer.GroupConfig{
		Group:         n.cfg.KafkaGroupEngine,
		Topics:        []string{n.cfg.KafkaTopicPackets},
		FromBeginning: true,
		Lanes:         s.lanes,
	}, s.final)
	return s, nil
}

// stage returns the stage that runs the group and the engine's periodic work.
func (s *scorer) stage() stage {
	return stage{name: "engine", grace: 3 * defaultGrace, run: func(ctx context.Context) error {
		g, ctx := errgroup.WithContext(ctx)
		g.Go(func() error { return s.engine.Run(ctx) })
		g.Go(func() error { return s.group.Run(ctx) })
		return g.Wait()
	}}
}

// statuses returns the state of each lane, with its lag from the group.
func (s *scorer) statuses() []models.PartitionStatus {
	all := s.engine.Statuses()
	for p, lag := range s.group.PartitionLag(s.topic) {
		for i := range all {
			if all[i].Partition == p%s.lanes {
				all[i].Lag += lag
			}
		}
	}
	return all
}
