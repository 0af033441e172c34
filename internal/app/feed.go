package app

import (
	"context"
	"encoding/json"

	"github.com/netlyra/netlyra/internal/bus"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/live"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// feed reads what processes tell of themselves and what was scored, and gives it to
// the WebSocket's clients.
type feed struct {
	client     *bus.Client
	cfg        *config.Config
	aggregator *obs.Aggregator
	hub        *live.Hub
	recorder   *bus.Group
}

// Run works until ctx ends.
func (f *feed) Run(ctx context.Context) error {
	topics := []string{f.cfg.KafkaTopicStats, f.cfg.KafkaTopicScores}
	return f.client.Tail(ctx, bus.TailConfig{Topics: topics}, f.record)
}

// record takes one record of either topic. What cannot be read is passed over: these
// topics are for show, and the next record is a tenth of a second away.
func (f *feed) record(r *models.Record) error {
	switch r.Topic {
	case f.cfg.KafkaTopicStats:
		var s models.InstanceStats
		if json.Unmarshal(r.Value, &s) == nil {
			f.aggregator.Observe(&s)
		}
	case f.cfg.KafkaTopicScores:
		var b models.ScoreBatch
		if json.Unmarshal(r.Value, &b) == nil {
			f.hub.Scores(&b)
		}
	}
	return nil
}

// Stats is the state of all processes, with the recorder's lag. Any goroutine may call.
func (f *feed) Stats() models.Stats {
	s := f.aggregator.Stats()
	s.Threshold = f.cfg.AnomalyThreshold
	lag := f.recorder.Lag()
	s.Lag.Alerts = lag[f.cfg.KafkaTopicAlerts]
	s.Lag.Connections = lag[f.cfg.KafkaTopicConnections]
	return s
}

// errNoEngine degrades the core without stopping it: packets wait in their topic.
var errNoEngine = obs.Degraded(vocabulary.ConditionNoEngine, nil, "no engine consumes the packets topic; start one with 'netlyra engine'")

// engineHealth asks whether any engine has told of a partition lately.
func (f *feed) engineHealth() error {
	if len(f.aggregator.Stats().Partitions) == 0 {
		return errNoEngine
	}
	return nil
}
