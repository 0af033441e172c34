package live

import "github.com/prometheus/client_golang/prometheus"

// Why a client was disconnected by this side, or went.
const (
	leftSlow     = "slow"     // too many alerts waited
	leftStalled  = "stalled"  // a write took too long, or failed
	leftSilent   = "gone"     // closed by the client, or silent for too long
	leftShutdown = "shutdown" // this process stops
)

// metrics of the hub; it works without a registerer too.
type metrics struct {
	clients prometheus.Gauge
	sent    *prometheus.CounterVec
	lost    *prometheus.CounterVec
	left    *prometheus.CounterVec
	refused *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		clients: prometheus.NewGauge(prometheus.GaugeOpts{Name: "netlyra_live_clients", Help: "WebSocket clients connected now."}),
		sent:    counter("netlyra_live_messages_sent_total", "Messages written to clients, by event.", "event"),
		lost:    counter("netlyra_live_messages_lost_total", "Messages that slow clients lost, by event.", "event"),
		left:    counter("netlyra_live_disconnects_total", "Clients that left, by reason.", "reason"),
		refused: counter("netlyra_live_refused_total", "Connections that were refused, by reason.", "reason"),
	}
	if reg != nil {
		reg.MustRegister(m.clients, m.sent, m.lost, m.left, m.refused)
	}
	return m
}

func counter(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
}
