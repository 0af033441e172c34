package app

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/engine/features"
	"github.com/netlyra/netlyra/internal/api"
	"github.com/netlyra/netlyra/internal/bus/checkpoint"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/deadletter"
	"github.com/netlyra/netlyra/internal/live"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
	"github.com/netlyra/netlyra/internal/sensor"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/store/recorder"
	"github.com/netlyra/netlyra/memory"
	"github.com/netlyra/netlyra/ui"
)

// busConfig returns the configuration of the client. It manages the settings of topics on
// the embedded broker only.
func (n *node) busConfig() client.Config {
	c := settings.Bus(n.cfg, n.brokers)
	c.ManageTopics = n.broker != nil
	return c
}

func (n *node) busDeps() client.Deps {
	d := client.Deps{Log: n.log, Registerer: n.registry, Health: n.health.Set, Publish: n.publish, Records: n.sent()}
	if n.broker != nil {
		d.Dialer = n.broker.Dial
	}
	return d
}

// sent returns the stages that count what the role publishes besides packets, by topic. The
// ledger compares them with what the recorder reads.
func (n *node) sent() map[string]*obs.Stage {
	sent := map[string]*obs.Stage{}
	for _, s := range n.ledger.Counts() {
		switch s.Stage {
		case vocabulary.StageSendConnections:
			sent[n.cfg.KafkaTopicConnections] = n.ledger.Stage(s.Stage)
		case vocabulary.StageSendAlerts:
			sent[n.cfg.KafkaTopicAlerts] = n.ledger.Stage(s.Stage)
		}
	}
	return sent
}

func (n *node) engineDeps(atEnd func(context.Context) bool) engine.Deps {
	return engine.Deps{
		AtEnd:  atEnd,
		Alerts: n.client, Checkpoints: checkpoint.New(n.client, settings.Checkpoints(n.cfg)), NoCheckpoint: checkpoint.ErrNotFound,
		Scores: scoreTee{n.client, n.opts.Scores}, DeadLetters: deadletter.NewPublisher(n.client),
		Consume: n.ledger.Stage(vocabulary.StageConsume), Score: n.ledger.Stage(vocabulary.StageScore), Alert: n.ledger.Stage(vocabulary.StageAlert),
		Registerer: n.registry, Log: n.log, TopicID: n.client.PacketTopicID,
	}
}

// scoreTee calls a hook with each batch of scores before it is published.
type scoreTee struct {
	to   engine.ScorePublisher
	hook func(*models.ScoreBatch)
}

func (t scoreTee) PublishScores(b *models.ScoreBatch) {
	if t.hook != nil {
		t.hook(b)
	}
	t.to.PublishScores(b)
}

func (n *node) recorderDeps(hub *live.Hub) recorder.Deps {
	return recorder.Deps{
		Live: live.NewLatest(hub), DeadLetters: deadletter.NewPublisher(n.client),
		Health: func(err error) { n.health.Set("store", err) },
		Alerts: n.ledger.Stage(vocabulary.StageRecordAlerts), Connections: n.ledger.Stage(vocabulary.StageRecordConnections),
		Log: n.log, AlertsTopic: n.cfg.KafkaTopicAlerts, ConnectionsTopic: n.cfg.KafkaTopicConnections,
	}
}

func (n *node) liveDeps(stats statsSource) live.Deps {
	return live.Deps{Stats: stats, Stage: n.ledger.Stage(vocabulary.StageLive), Registerer: n.registry, Log: n.log}
}

// statsSource returns the state of all processes.
type statsSource interface{ Stats() models.Stats }

// telemetry returns the publisher of this process's counts; sensor and s may be nil.
func (n *node) telemetry(sensor *sensor.Sensor, s *scorer) *telemetry {
	t := &telemetry{role: n.opts.Role, started: models.TimestampOf(time.Now()), ledger: n.ledger, health: n.health, out: n.client,
		overload: obs.NewOverload(n.health, n.ledger, s != nil), held: n.client.HeldBack, files: n.files}
	if sensor != nil {
		t.traffic = sensor.Traffic
	}
	if s != nil {
		t.engine = laneSource{s.statuses, s.final.last}
	}
	return t
}

func (n *node) apiConfig(ws net.Addr) api.Config {
	c := api.DefaultConfig()
	c.Addr = net.JoinHostPort(n.cfg.APIHost, strconv.Itoa(n.cfg.APIPort))
	c.Access, c.PublicWSURL = settings.Access(n.cfg), n.cfg.PublicWSURL
	c.MaxConnections, c.MaxSearches = n.cfg.APIMaxConnections, settings.Searches(n.cfg)
	c.Version, c.Threshold = obs.Version(), n.cfg.AnomalyThreshold
	if a, ok := ws.(*net.TCPAddr); ok {
		c.WSPort = a.Port
	}
	return c
}

func (n *node) apiDeps(c *core) api.Deps {
	d := api.Deps{
		Alerts: c.store, Connections: c.store, Stats: c.feed, Ledger: c.ledger, Health: n.health, Machines: memory.All(), Features: features.All(),
		Live: c.hub, Gatherer: n.registry, Registerer: n.registry, Log: n.log,
	}
	if files, built := ui.FS(); built {
		d.UI = files
	}
	return d
}
