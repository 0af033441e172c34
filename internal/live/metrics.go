package live

import "github.com/prometheus/client_golang/prometheus"

// Reasons for which a client disconnected or was disconnected.
const (
	leftSlow     = "slow"     // too many queued alerts
	leftStalled  = "stalled"  // a write timed out or failed
	leftSilent   = "gone"     // closed by the client, or no pong in time
	leftShutdown = "shutdown" // the process is stopping
)

// metrics of the hub; reg may be nil.
type metrics struct {
	clients prometheus.Gauge
	sent    *prometheus.CounterVec
	lost    *prometheus.CounterVec
	left    *prometheus.CounterVec
	refused *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		clients: prometheus.NewGauge(prometheus.GaugeOpts{Name: "netlyra_live_clients", Help: "Connected WebSocket clients."}),
		sent:    counter("netlyra_live_messages_sent_total", "Messages written to clients, by event.", "event"),
		lost:    counter("netlyra_live_messages_lost_total", "Messages discarded because a client was slow, by event.", "event"),
		left:    counter("netlyra_live_disconnects_total", "Disconnected clients, by reason.", "reason"),
		refused: counter("netlyra_live_refused_total", "Refused requests, by code of the problem.", "reason"),
	}
	if reg != nil {
		reg.MustRegister(m.clients, m.sent, m.lost, m.left, m.refused)
	}
	return m
}

func counter(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
}
