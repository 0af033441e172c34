package client

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// Component is the health component of a Client.
const Component = "kafka"

// health reports which brokers are unreachable. It is a hook of every franz-go client of a
// Client, and reports only changes.
type health struct {
	report   func(component string, err error)
	log      *slog.Logger
	mu       sync.Mutex
	down     map[int32]error // by node; seed brokers have negative ids
	reported string
}

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (h *health) OnBrokerConnect(meta kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if errors.Is(err, kgo.ErrClientClosed) || errors.Is(err, context.Canceled) {
		return // says nothing about the broker
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		h.down[meta.NodeID] = obs.Failed(vocabulary.ConditionBrokerUnreachable, obs.Params{"host": meta.Host, "port": meta.Port},
			"broker %s:%d is unreachable: %w", meta.Host, meta.Port, err)
	} else {
		delete(h.down, meta.NodeID)
		for node := range h.down { // seed brokers are not tried again
			if node < 0 {
				delete(h.down, node)
			}
		}
	}
	h.update()
}

// update reports the first error in alphabetical order, so that the text is stable.
func (h *health) update() {
	var worst error
	for _, err := range h.down {
		if worst == nil || err.Error() < worst.Error() {
			worst = err
		}
	}
	text := ""
	if worst != nil {
		text = worst.Error()
	}
	if text == h.reported {
		return
	}
	if (text == "") != (h.reported == "") {
		if worst != nil {
			h.log.Error("broker unreachable; records are buffered and retried", vocabulary.EventBrokerUnreachable.Attr(), "err", worst)
		} else {
			h.log.Info("broker reachable again", vocabulary.EventBrokerReachable.Attr())
		}
	}
	h.reported = text
	h.report(Component, worst)
}
