package bus

import (
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kprom"
)

// metrics of a Client. What franz-go counts itself comes by kprom, labelled with the
// client id.
type metrics struct {
	reg  prometheus.Registerer
	mu   sync.Mutex
	used map[string]bool // client ids with metrics of their own

	published *prometheus.CounterVec // records, by topic
	failed    *prometheus.CounterVec // records, by topic and reason
	consumed  *prometheus.CounterVec // records, by topic and group
	lost      *prometheus.CounterVec // offsets removed by retention before they were read
	recreated *prometheus.CounterVec // topics that were deleted and made anew, by topic and group
	rewound   prometheus.Counter
	held      prometheus.Counter // seconds that Publish waited for the engine
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "netlyra", Subsystem: "bus", Name: name, Help: help}, labels)
	}
	m := &metrics{
		reg: reg, used: map[string]bool{},
		published: counter("published_records_total", "Records that the brokers have acknowledged.", "topic"),
		failed:    counter("failed_records_total", "Records that were not published.", "topic", "reason"),
		consumed:  counter("consumed_records_total", "Records handed to a handler.", "topic", "group"),
		lost:      counter("lost_records_total", "Records that retention removed before the group read them.", "topic", "group"),
		recreated: counter("recreated_topics_total", "Times that a topic was deleted and made anew while the group read it.", "topic", "group"),
		rewound:   prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netlyra", Subsystem: "bus", Name: "rewound_partitions_total", Help: "Times that a log was found shorter than what had been read of it."}),
		held:      prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netlyra", Subsystem: "bus", Name: "publish_held_seconds_total", Help: "Time that publishing packets waited for the engine to catch up."}),
	}
	if reg != nil {
		for _, c := range []prometheus.Collector{m.published, m.failed, m.consumed, m.lost, m.recreated, m.rewound, m.held} {
			_ = reg.Register(c) // a second Client on one registry counts without being shown
		}
	}
	return m
}

// hooks is kprom for one client, nothing where its id is shown already. drop frees
// the id, as the end of the client does.
func (m *metrics) hooks(id string) (hooks []kgo.Hook, drop func()) {
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
	return []kgo.Hook{kprom.NewMetrics("netlyra", kprom.Subsystem("kafka"), kprom.Registerer(m.reg), kprom.WithClientLabel()), whenClosed(drop)}, drop
}

// whenClosed is called when its client has closed.
type whenClosed func()

// OnClientClosed is called by franz-go.
func (f whenClosed) OnClientClosed(*kgo.Client) { f() }

// demoted passes franz-go's warnings on as debug: it writes one for each attempt to
// connect, and health says once what is wrong.
func demoted(l *slog.Logger) *slog.Logger { return slog.New(demote{l.Handler()}) }
