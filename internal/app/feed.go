package app

import (
	"context"
	"encoding/json"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/ledger"
	"github.com/netlyra/netlyra/internal/live"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// feed sends scores to the WebSocket clients and combines the state of all processes with
// the recorder's lag.
type feed struct {
	client     *client.Client
	cfg        *config.Config
	aggregator *ledger.Aggregator
	hub        *live.Hub
	recorder   *consumer.Group
}

// Run forwards the scores topic until ctx ends. Unreadable records are skipped: they are
// for display, and the next one follows within milliseconds.
func (f *feed) Run(ctx context.Context) error {
	return consumer.Tail(ctx, f.client, consumer.TailConfig{Topics: []string{f.cfg.KafkaTopicScores}}, func(r *models.Record) error {
		var b models.ScoreBatch
		if json.Unmarshal(r.Value, &b) == nil {
			f.hub.Scores(&b)
		}
		return nil
	})
}

// Stats returns the state of all processes and the lag of all consumers. Any goroutine may call.
func (f *feed) Stats() models.Stats {
	s := f.aggregator.Stats()
	s.Threshold = f.cfg.AnomalyThreshold
	lag := f.recorder.Lag()
	s.Lag.Alerts = lag[f.cfg.KafkaTopicAlerts]
	s.Lag.Connections = lag[f.cfg.KafkaTopicConnections]
	return s
}

// errNoEngine degrades the core without failing it: packets wait in their topic.
var errNoEngine = obs.Degraded(vocabulary.ConditionNoEngine, nil, "no engine consumes the packets topic; start one with 'netlyra engine'")

// engineHealth fails if no engine has reported a lane recently.
func (f *feed) engineHealth() error {
	if len(f.aggregator.Stats().Partitions) == 0 {
		return errNoEngine
	}
	return nil
}
