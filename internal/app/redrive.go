package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/deadletter"
	"github.com/netlyra/netlyra/internal/config"
	"github.com/netlyra/netlyra/internal/settings"
)

// redriveEvery is how often a redrive that goes on looks for new dead letters.
const redriveEvery = time.Second

// Redrive puts dead letters back to the topics that they came from; rc's topics are
// named as in contracts (packets, dead-letters, …), or by their full names. With follow
// it goes on with those that come, until ctx ends. What was counted comes with an
// error too.
func Redrive(ctx context.Context, cfg *config.Config, rc deadletter.Config, follow bool, log *slog.Logger) ([]deadletter.Count, error) {
	brokers, err := settings.RunningBrokers(cfg)
	if err != nil {
		return nil, err
	}
	rc.From, rc.Topic = fullTopic(cfg, rc.From), fullTopic(cfg, rc.Topic)
	conn, err := client.Dial(ctx, settings.Bus(cfg, brokers), client.Deps{Log: log})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if !follow {
		return deadletter.Redrive(ctx, conn, rc)
	}
	return redriveOn(ctx, conn, rc)
}

// redriveOn redrives again and again, each time from where the last one ended.
func redriveOn(ctx context.Context, conn *client.Client, rc deadletter.Config) (sum []deadletter.Count, err error) {
	tick := time.NewTicker(redriveEvery)
	defer tick.Stop()
	for {
		counts, err := deadletter.Redrive(ctx, conn, rc)
		sum = addRedriven(sum, counts)
		if ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err())) {
			return sum, nil
		}
		if err != nil {
			return sum, err
		}
		if rc.Limit > 0 {
			if rc.Limit -= deadletter.PutBack(counts); rc.Limit <= 0 {
				return sum, nil
			}
		}
		rc.All = false
		select {
		case <-ctx.Done():
			return sum, nil
		case <-tick.C:
		}
	}
}

// addRedriven sums counts of the same fate and topic. Letters that are left are met at
// each look and count once.
func addRedriven(sum, more []deadletter.Count) []deadletter.Count {
	for _, m := range more {
		found := false
		for i := range sum {
			if s := &sum[i]; s.Result == m.Result && s.Topic == m.Topic {
				if found = true; m.Result == deadletter.ResultOther {
					s.Records = max(s.Records, m.Records)
				} else {
					s.Records += m.Records
				}
			}
		}
		if !found {
			sum = append(sum, m)
		}
	}
	return sum
}

// fullTopic is the topic of a short name; any other name stands for itself.
func fullTopic(cfg *config.Config, name string) string {
	if t, err := settings.Topic(cfg, name); err == nil {
		return t
	}
	return name
}
