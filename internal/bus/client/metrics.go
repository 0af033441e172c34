package client

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kprom"
)

// Metrics are the counters of one Client, which its producers and consumers share.
// franz-go's own metrics are added by kprom, labeled with the client id.
type Metrics struct {
	reg  prometheus.Registerer
	mu   sync.Mutex
	used map[string]bool // client ids whose kprom metrics are registered

	Published *prometheus.CounterVec // acknowledged records, by topic
	Failed    *prometheus.CounterVec // records not published, by topic and reason
	Consumed  *prometheus.CounterVec // records, by topic and group
	Lost      *prometheus.CounterVec // offsets removed by retention before they were read, by topic and group
	Recreated *prometheus.CounterVec // topics deleted and created again, by topic and group
	Rewound   prometheus.Counter     // logs found shorter than the consumer's position
	Held      prometheus.Counter     // seconds that packets waited for consumers
}

func newMetrics(reg prometheus.Registerer) *Metrics {
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "netlyra", Subsystem: "bus", Name: name, Help: help}
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(opts(name, help), labels)
	}
	m := &Metrics{
		reg: reg, used: map[string]bool{},
		Published: counter("published_records_total", "Records acknowledged by the brokers.", "topic"),
		Failed:    counter("failed_records_total", "Records that were not published.", "topic", "reason"),
		Consumed:  counter("consumed_records_total", "Records passed to a handler.", "topic", "group"),
		Lost:      counter("lost_records_total", "Records that retention removed before the group read them.", "topic", "group"),
		Recreated: counter("recreated_topics_total", "Times that a topic was deleted and created again while the group read it.", "topic", "group"),
		Rewound:   prometheus.NewCounter(opts("rewound_partitions_total", "Times that a log was found shorter than the consumer's position.")),
		Held:      prometheus.NewCounter(opts("publish_held_seconds_total", "Time that packets waited for consumers to catch up.")),
	}
	if reg != nil {
		for _, c := range []prometheus.Collector{m.Published, m.Failed, m.Consumed, m.Lost, m.Recreated, m.Rewound, m.Held} {
			_ = reg.Register(c) // a second Client on the same registry counts without being exported
		}
	}
	return m
}

// hooks returns the kprom hook of a client, none if its id is registered already. drop
// frees the id, as closing the client does.
func (m *Metrics) hooks(id string) (hooks []kgo.Hook, drop func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.reg == nil || m.used[id] {
		return nil, func() {}
	}
	m.used[id] = true
	drop = func() {
		m.mu.Lock()
		delete(m.used, id)
		m.mu.Unlock()
	}
	return []kgo.Hook{kprom.NewMetrics("netlyra", kprom.Subsystem("kafka"), kprom.Registerer(m.reg), kprom.WithClientLabel()), onClosed(drop)}, drop
}

// onClosed is a hook that is called when its client has closed.
type onClosed func()

// OnClientClosed implements kgo.HookClientClosed.
func (f onClosed) OnClientClosed(*kgo.Client) { f() }
