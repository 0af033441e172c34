package bus

import (
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netlyra/netlyra/internal/models/vocabulary"
	"github.com/netlyra/netlyra/internal/obs"
)

// health tells which brokers cannot be reached, from what connecting to them gave.
// It is a hook of every client of a Client and speaks only when something changes.
type health struct {
	report func(component string, err error)
	log    *slog.Logger
	mu     sync.Mutex
	down   map[int32]error // by node; addresses to begin with have negative numbers
	said   string
}

// Component is the name under which a Client reports its health.
const Component = "kafka"

// OnBrokerConnect is called by franz-go after each attempt.
func (h *health) OnBrokerConnect(meta kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		h.down[meta.NodeID] = obs.Failed(vocabulary.ConditionBrokerUnreachable, obs.Params{"host": meta.Host, "port": meta.Port},
			"broker %s:%d is unreachable: %w", meta.Host, meta.Port, err)
	} else {
		delete(h.down, meta.NodeID)
		for node := range h.down { // addresses to begin with are not tried again
			if node < 0 {
				delete(h.down, node)
			}
		}
	}
	h.tell()
}

func (h *health) tell() {
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
	if text == h.said {
		return
	}
	if (text == "") != (h.said == "") {
		if worst != nil {
			h.log.Error("broker lost; records are buffered and tried again", "err", worst)
		} else {
			h.log.Info("broker reached again")
		}
	}
	h.said = text
	h.report(Component, worst)
}
