package backtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/netlyra/netlyra/engine"
	"github.com/netlyra/netlyra/internal/bus/checkpoint"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/bus/embedded"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/wire"
)

// past gives read-only access to the topics: nothing is written or committed.
type past struct {
	cfg        *config.Config
	log        *slog.Logger
	client     *client.Client
	states     *checkpoint.Store
	broker     *embedded.Broker // nil if another process or a cluster has the brokers
	partitions int32
}

// openPast connects to the configured cluster, or to the embedded broker that runs on
// DATA_DIR, or starts a frozen one on the log in that directory.
func openPast(ctx context.Context, cfg *config.Config, log *slog.Logger) (*past, error) {
	p := &past{cfg: cfg, log: log}
	brokers, err := p.brokers(ctx)
	if err != nil {
		return nil, err
	}
	if p.client, err = client.Dial(ctx, settings.Bus(cfg, brokers), client.Deps{Log: log}); err != nil {
		return nil, errors.Join(err, p.close())
	}
	if p.partitions, err = p.client.PacketPartitions(ctx); err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.states = checkpoint.New(p.client, checkpoint.DefaultConfig())
	return p, nil
}

func (p *past) brokers(ctx context.Context) ([]string, error) {
	if len(p.cfg.KafkaBrokers) > 0 {
		return p.cfg.KafkaBrokers, nil
	}
	addr, err := embedded.Running(p.cfg.DataDir)
	if err != nil || addr != "" {
		return []string{addr}, err
	}
	if !embedded.Kept(p.cfg.DataDir) {
		return nil, fmt.Errorf("%s has no log and KAFKA_BROKERS is empty: set DATA_DIR to the directory of the embedded broker, or KAFKA_BROKERS to a cluster", p.cfg.DataDir)
	}
	c := settings.Broker(p.cfg, settings.AnyPort, p.log)
	c.Frozen, c.Log = true, nil // its start and stop need no log lines
	if p.broker, err = embedded.Start(ctx, c); err != nil {
		return nil, fmt.Errorf("embedded broker: %w", err)
	}
	return []string{p.broker.Addr()}, nil
}

func (p *past) close() (err error) {
	if p.client != nil {
		p.client.Close()
	}
	if p.broker != nil {
		err = p.broker.Close()
	}
	return err
}

// engineConfig returns the configuration of an engine with these settings on this topic.
func (p *past) engineConfig(cfg *config.Config) (engine.Config, error) {
	return settings.Engine(cfg, p.partitions)
}

// alerts calls each with every published version of every alert, in their order. Unreadable
// records are skipped.
func (p *past) alerts(ctx context.Context, each func(*models.Alert)) error {
	cfg := consumer.TailConfig{Topics: []string{p.cfg.KafkaTopicAlerts}, From: consumer.From{Beginning: true}, ToEnd: true}
	err := consumer.Tail(ctx, p.client, cfg, func(r *models.Record) error {
		var a models.Alert
		if err := json.Unmarshal(r.Value, &a); err != nil {
			p.log.Warn("skipping an unreadable alert", vocabulary.EventAlertUnreadable.Attr(), "offset", r.Offset, "err", err)
			return nil
		}
		each(&a)
		return nil
	})
	return errors.Join(err, ctx.Err())
}

// progress returns how many packets a lane of the engine has processed durably, with their
// alerts; false before its first checkpoint.
func (p *past) progress(ctx context.Context, group string, lane int32) (uint64, bool, error) {
	c, err := p.states.History(ctx, group, lane)
	if err != nil || len(c) == 0 {
		return 0, false, err
	}
	return c[0].Packets, true, nil
}

// newest returns the event time of the newest packet. It reads the last 64 offsets of each
// partition, and more while they have no packet.
func (p *past) newest(ctx context.Context) (ts models.Timestamp, err error) {
	spans, err := p.client.PacketSpans(ctx)
	if err != nil {
		return 0, err
	}
	for window, all := int64(64), false; ts == 0 && !all; window *= 32 {
		from := map[int32]int64{}
		all = true
		for part, s := range spans {
			from[part] = max(s[0], s[1]-window)
			all = all && from[part] == s[0]
		}
		err = consumer.ReplayPackets(ctx, p.client, from, func(r *models.Record) error {
			switch r.ContentType {
			case models.ContentTypePacked:
				_ = wire.DecodePacked(r.Value, func(m *models.PacketMeta) error { ts = max(ts, m.TS); return nil })
			case models.ContentTypeJSON, "":
				var m models.PacketMeta
				if wire.ParsePacket(r.Value, &m) == nil {
					ts = max(ts, m.TS)
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	if ts == 0 {
		return 0, errors.New("the packets topic is empty")
	}
	return ts, nil
}
