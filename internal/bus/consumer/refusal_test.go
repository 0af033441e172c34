package consumer_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netlyra/netlyra/internal/bus/bustest"
	"github.com/netlyra/netlyra/internal/bus/client"
	"github.com/netlyra/netlyra/internal/bus/consumer"
)

// TestGroupRefusals: failures that joining again does not resolve end the member with an
// error that has advice. Each member has its own client, as in separate processes.
func TestGroupRefusals(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second consumer.GroupConfig
		fails         int // index of the member that ends
		says          string
	}{
		{"a session too short for the brokers", consumer.GroupConfig{}, consumer.GroupConfig{SessionTimeout: 100 * time.Millisecond}, 1, "KAFKA_SESSION_TIMEOUT=100ms"},
		{"one name twice", consumer.GroupConfig{InstanceID: "twin"}, consumer.GroupConfig{InstanceID: "twin"}, 0, "GROUP_INSTANCE_ID=twin"},
		{"other lanes", consumer.GroupConfig{Lanes: 1}, consumer.GroupConfig{Lanes: 2}, 1, "ENGINE_LANES differs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := bustest.StartBroker(t, "")
			ctx, stop := context.WithCancel(t.Context())
			var members sync.WaitGroup
			defer func() { stop(); members.Wait() }() // before the clients go
			ended := make([]chan error, 2)
			for i, cfg := range []consumer.GroupConfig{c.first, c.second} {
				h := bustest.NewCollector()
				cl := bustest.Dial(t, b.Addr(), client.Deps{}, func(c *client.Config) { c.Partitions = 2 })
				cfg.Group, cfg.Topics = cl.Config().EngineGroup, []string{cl.Config().Topics.Packets}
				g := consumer.NewGroup(cl, cfg, h)
				ended[i] = make(chan error, 1)
				members.Go(func() { ended[i] <- g.Run(ctx) })
				if i == 0 {
					h.Until(t, "the first has everything", func() bool { return len(h.Owned) == 2 })
				}
			}
			select {
			case err := <-ended[c.fails]:
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v; want it to say %q", err, c.says)
				}
			case err := <-ended[1-c.fails]:
				t.Errorf("the other member ended: %v", err)
			case <-time.After(20 * time.Second):
				t.Error("neither member ended")
			}
		})
	}
}
