package bench

import (
	"context"
	"encoding/json"
	"runtime"

	"github.com/netlyra/netlyra/internal/live/liveclient"
	"github.com/netlyra/netlyra/internal/models"
)

// attach connects a WebSocket client that records the age of every sample it receives,
// until stop is called.
func (m *meter) attach(url string) (stop func(), err error) {
	ctx, cancel := context.WithCancel(m.ctx)
	c, err := liveclient.Dial(ctx, url)
	if err != nil {
		cancel()
		return nil, err
	}
	if err := c.Subscribe("stats", "alert", "scores"); err != nil {
		cancel()
		return nil, err
	}
	m.clients.Add(1)
	go func() {
		defer m.clients.Done()
		for {
			msg, err := c.Next()
			if err != nil { // stop was called, or the server closed the connection
				return
			}
			var b models.ScoreBatch
			if msg.Event == "scores" && json.Unmarshal(msg.Data, &b) == nil {
				m.count(m.toClient, b.Samples)
			}
		}
	}()
	return func() { cancel(); _ = c.Close() }, nil
}

func cpus() int { return runtime.NumCPU() }
