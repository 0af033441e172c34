package obs

import (
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Overload derives conditions from the counts of a process: lost packets, slow clients, an
// engine that falls behind. They degrade the process and end some time after their cause.
type Overload struct {
	mu     sync.Mutex
	losses []lossMeter
	held   meter // publishing waits for the engine
	lag    meter
	miss   meter
	idle   time.Time // since when the engine has no lane; zero: it has one, or there is no engine
}

// lossMeter measures one of the losses.
type lossMeter struct {
	loss
	meter meter
}

// loss is a drop reason that degrades the process.
type loss struct {
	stage, reason string
	code          string // of the condition
	text          string // format with the count
}

// heldShare is the share of the time from which on holding packets back is a condition.
const heldShare = 0.2

// recently is how long a condition lasts after the last loss.
const recently = 10 * time.Second

// lossTable has the counts whose increase is a condition.
var lossTable = []loss{
	{vocabulary.StageCapture, vocabulary.DropKernel, vocabulary.ConditionKernelDrops, "the kernel dropped %d packets that arrived faster than they were read; raise CAPTURE_RING_BYTES, narrow CAPTURE_FILTER, or set PACKETS_ENCODING=packed"},
	{vocabulary.StagePublish, vocabulary.DropPublishBufferFull, vocabulary.ConditionPublishBufferFull, "%d packets were dropped because the brokers accept them more slowly than they arrive"},
	{vocabulary.StagePublish, vocabulary.DropPublishEngineLag, vocabulary.ConditionEngineLagDrops, "%d packets were dropped because the engine is so far behind that retention would delete unread records"},
	{vocabulary.StagePublish, vocabulary.DropPublishRefused, vocabulary.ConditionRefusedByBroker, "the brokers refused %d packets"},
	{vocabulary.StageSendAlerts, vocabulary.DropPublishRefused, vocabulary.ConditionRefusedByBroker, "the brokers refused %d alerts"},
	{vocabulary.StageSendConnections, vocabulary.DropPublishRefused, vocabulary.ConditionRefusedByBroker, "the brokers refused %d connection records"},
	{vocabulary.StageLive, vocabulary.DropLiveSlowClient, vocabulary.ConditionSlowClients, "%d messages to slow WebSocket clients were discarded"},
}

// NewOverload returns an Overload for the stages of l. Its conditions are components of h:
// the stages that can lose something, and "scoring" if there is an engine.
func NewOverload(h *Health, l *Ledger, engine bool) *Overload {
	o := &Overload{}
	for _, c := range l.Counts() {
		for _, loss := range lossTable {
			if loss.stage != c.Stage {
				continue
			}
			o.losses = append(o.losses, lossMeter{loss: loss})
			h.Check(c.Stage, func() error { return o.lost(loss.stage) })
		}
	}
	if engine {
		h.Check("scoring", o.engine)
	}
	return o
}

// Observe takes the counts of the process, and for how long in total it has held packets
// back because of the engine's lag.
func (o *Overload) Observe(s *models.InstanceStats, held time.Duration) {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.losses {
		l := &o.losses[i]
		for _, c := range s.Stages {
			if c.Stage == l.stage {
				l.meter.add(now, recently, c.Dropped[l.reason])
			}
		}
	}
	o.held.add(now, recently, uint64(held))
	var lag, missing uint64
	for _, p := range s.Partitions {
		lag += uint64(max(p.Lag, 0))
		missing += p.Missing
	}
	if len(s.Partitions) > 0 {
		o.idle = time.Time{}
		o.lag.add(now, recently, lag)
		o.miss.add(now, missedFor, missing)
	} else if o.idle.IsZero() {
		o.idle, o.lag, o.miss = now, meter{}, meter{}
	}
}

// missedFor is how long the condition about missing packets lasts after the last one.
const missedFor = time.Minute

// lost returns the conditions of a stage.
func (o *Overload) lost(stage string) error {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for i := range o.losses {
		if l := &o.losses[i]; l.stage == stage {
			if n := l.meter.grown(now, recently); n > 0 {
				errs = append(errs, Degraded(l.code, Params{"count": n, "seconds": recently.Seconds()}, l.text+" (in the last %v)", n, recently))
			}
		}
	}
	if share := float64(o.held.grown(now, recently)) / float64(recently); stage == vocabulary.StagePublish && share > heldShare {
		errs = append(errs, Degraded(vocabulary.ConditionPacketsHeldBack, Params{"share": min(share, 1)}, "packets are held back %.0f %% of the time, because the engine is so far behind that retention would delete unread records; start an engine, or raise PACKETS_RETENTION_BYTES", 100*min(share, 1)))
	}
	return Join(errs...)
}

// An engine falls behind if its lag exceeds lagNoticed records and grew by lagGrowth.
const (
	lagNoticed = 10_000
	lagGrowth  = 1.2
)

// standbyAfter is how long an engine may have no lane before it counts as standby.
const standbyAfter = 5 * time.Second

// engine returns the conditions of the engine.
func (o *Overload) engine() error {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.idle.IsZero() {
		if now.Sub(o.idle) > standbyAfter {
			return Info(vocabulary.ConditionStandby, nil, "standby: other engines have all lanes; this one takes over when one of them stops")
		}
		return nil
	}
	var errs []error
	if n := o.miss.grown(now, missedFor); n > 0 {
		errs = append(errs, Degraded(vocabulary.ConditionPacketsMissing, Params{"count": n, "seconds": missedFor.Seconds()},
			"%d packets never arrived (in the last %v): retention deleted their records before they were read, the brokers refused them, or their transaction was aborted", n, missedFor))
	}
	if first, last, ok := o.lag.ends(now, recently); ok && last > lagNoticed && float64(last) > lagGrowth*float64(first) {
		errs = append(errs, Degraded(vocabulary.ConditionLagGrowing, Params{"lag": last, "before": first, "seconds": recently.Seconds()},
			"falls behind: lag is %d records, up from %d, %d s ago", last, first, recently/time.Second))
	}
	return Join(errs...)
}

// meter keeps a count over a window of time, in steps of a tenth of the window.
type meter struct {
	at   []time.Time
	n    []uint64
	last uint64
}

// add takes the current count.
func (m *meter) add(now time.Time, window time.Duration, n uint64) {
	m.last = n
	if len(m.at) > 0 && now.Sub(m.at[len(m.at)-1]) < window/10 {
		return
	}
	m.at, m.n = append(m.at, now), append(m.n, n)
	for len(m.at) > 2 && now.Sub(m.at[1]) >= window {
		m.at, m.n = m.at[1:], m.n[1:]
	}
}

// grown returns the increase of the count within the window, or since the first count if that is later.
func (m *meter) grown(now time.Time, window time.Duration) uint64 {
	for i, at := range m.at {
		if now.Sub(at) <= window+window/10 {
			return m.last - min(m.n[i], m.last)
		}
	}
	return 0
}

// ends returns the count a window ago and now; false while the window is not full.
func (m *meter) ends(now time.Time, window time.Duration) (first, last uint64, ok bool) {
	if len(m.at) == 0 || now.Sub(m.at[0]) < window*9/10 {
		return 0, 0, false
	}
	return m.n[0], m.last, true
}
