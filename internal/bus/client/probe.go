package client

import (
	"context"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Probe sends one metadata request to the broker at addr, with the security settings of
// cfg and without retries: its error is that of the first failure.
func Probe(ctx context.Context, addr string, cfg Config, deps Deps) (*kmsg.MetadataResponse, error) {
	cfg.Brokers, cfg.ClientID = []string{addr}, cfg.ClientID+"-doctor"
	deps = Deps{Log: deps.Log, Dialer: deps.Dialer}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{cfg: cfg, deps: deps, log: deps.Log, metrics: newMetrics(nil)}
	c.health = &health{report: func(string, error) {}, log: slog.New(slog.DiscardHandler), down: map[int32]error{}}
	cl, err := c.NewKgo("probe", kgo.RequestRetries(0))
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{}
	resp, err := cl.SeedBrokers()[0].Request(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp.(*kmsg.MetadataResponse), nil
}
