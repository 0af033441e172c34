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

// redriveEvery is how often a following redrive looks for new dead letters.
const redriveEvery = time.Second

// Redrive publishes dead letters to their original topics again. rc's topics are short
// names (packets, dead-letters, …) or full names. With follow it continues with new dead
// letters until ctx ends. The counts are also valid with an error.
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

// redriveOn redrives repeatedly, each time from where the previous one ended.
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
			if rc.Limit -= deadletter.Redriven(counts); rc.Limit <= 0 {
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

// addRedriven adds counts of the same result and topic. Dead letters that stay are seen in
// each round and counted once.
func addRedriven(sum, more []deadletter.Count) []deadletter.Count {
	for _, m := range more {
		found := false
		for i := range sum {
			if s := &sum[i]; s.Result == m.Result && s.Topic == m.Topic {
				if found = true; m.Result == deadletter.ResultFiltered {
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

// fullTopic returns the full name of a short name, and any other name unchanged.
func fullTopic(cfg *config.Config, name string) string {
	if t, err := settings.Topic(cfg, name); err == nil {
		return t
	}
	return name
}
