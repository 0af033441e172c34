package app

import (
	"context"
	"errors"
	"log/slog"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/settings"
	"github.com/netlyra/netlyra/internal/wire"
)

// errEnough ends a Tail early.
var errEnough = errors.New("enough")

// Tail calls each with the records of a topic, given by its short name (packets,
// alerts, …), until ctx ends or each returns false or an error.
func Tail(ctx context.Context, cfg *config.Config, name string, from consumer.From, log *slog.Logger, each func(*models.Record) (more bool, err error)) error {
	brokers, err := settings.RunningBrokers(cfg)
	if err != nil {
		return err
	}
	topic, err := settings.Topic(cfg, name)
	if err != nil {
		return err
	}
	conn, err := client.Dial(ctx, settings.Bus(cfg, brokers), client.Deps{Log: log})
	if err != nil {
		return err
	}
	defer conn.Close()
	err = consumer.Tail(ctx, conn, consumer.TailConfig{Topics: []string{topic}, From: from}, func(r *models.Record) error {
		more, err := each(r)
		if err == nil && !more {
			return errEnough
		}
		return err
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// Values returns the JSON values of a record: one, or every packet of a packed batch, or
// none for a tick.
func Values(r *models.Record) (values [][]byte, err error) {
	if r.Unreadable != "" {
		return nil, errors.New(r.Unreadable)
	}
	switch r.ContentType {
	case models.ContentTypeTick:
		return nil, nil
	case models.ContentTypePacked:
	default:
		return [][]byte{r.Value}, nil
	}
	err = wire.DecodePacked(r.Value, func(m *models.PacketMeta) error {
		values = append(values, wire.AppendPacket(nil, m))
		return nil
	})
	return values, err
}
