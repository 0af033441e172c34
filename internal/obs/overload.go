package obs

import (
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Overload turns what a process counts into what is wrong with it now: packets that are
// lost, clients that are too slow, an engine that falls behind. All of it degrades the
// process and stops none of its work. What has stopped is forgotten after a while.
type Overload struct {
	mu     sync.Mutex
	losses []lossMeter
	held   meter // publishing waits for the engine
	lag    meter
	miss   meter
	idle   time.Time // since when an engine has had no lane; zero: it has one, or is none
}

// lossMeter measures one of the losses.
type lossMeter struct {
	loss
	meter meter
}

// loss is a reason for dropping that must not go on unnoticed.
type loss struct {
	stage, reason string
	code          string // of the condition
	text          string // with the number
}

// heldShare is the part of the time from which on holding packets back is spoken of.
const heldShare = 0.2

// recently is how long a loss is spoken of after it has stopped.
const recently = 10 * time.Second

// lossTable is what degrades a process by growing.
var lossTable = []loss{
	{vocabulary.StageCapture, vocabulary.DropKernel, vocabulary.ConditionKernelDrops, "the kernel lost %d packets, which came faster than they were read: raise CAPTURE_RING_BYTES, narrow CAPTURE_FILTER, or set PACKETS_ENCODING=packed"},
	{vocabulary.StagePublish, vocabulary.DropPublishBufferFull, vocabulary.ConditionPublishBufferFull, "%d packets were dropped: the brokers do not take them as fast as they come"},
	{vocabulary.StagePublish, vocabulary.DropPublishEngineLag, vocabulary.ConditionEngineLagDrops, "%d packets were dropped: the engine is so far behind that retention would remove what it has not read"},
	{vocabulary.StagePublish, vocabulary.DropPublishRefused, vocabulary.ConditionRefusedByBroker, "the brokers refused %d packets"},
	{vocabulary.StageSendAlerts, vocabulary.DropPublishRefused, vocabulary.ConditionRefusedByBroker, "the brokers refused %d alerts"},
	{vocabulary.StageSendConnections, vocabulary.DropPublishRefused, vocabulary.ConditionRefusedByBroker, "the brokers refused %d records of connections"},
	{vocabulary.StageLive, vocabulary.DropLiveSlowClient, vocabulary.ConditionSlowClients, "WebSocket clients are too slow: %d messages were lost to them"},
}

// NewOverload makes one for the stages of l. Its findings are components of h: the
// stages that can lose something, and "scoring" where there is an engine.
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

// Observe takes what the process has counted, and for how long it has held packets
// back since it began because the engine was too far behind.
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

// missedFor is how long packets that never came are spoken of.
const missedFor = time.Minute

// lost says what a stage loses, and of publishing whether it is held back.
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
		errs = append(errs, Degraded(vocabulary.ConditionPacketsHeldBack, Params{"share": min(share, 1)}, "packets are held back %.0f %% of the time, because the engine is so far behind that retention would remove what it has not read: start an engine, or raise PACKETS_RETENTION_BYTES", 100*min(share, 1)))
	}
	return Join(errs...)
}

// Bounds of an engine that falls behind: records, and how many times as many as before.
const (
	lagNoticed = 10_000
	lagGrowth  = 1.2
)

// standbyAfter is how long an engine may wait for its first lane before it says so.
const standbyAfter = 5 * time.Second

// engine says what is wrong with the engine of this process.
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

// meter remembers a count over some time, once a second or so.
type meter struct {
	at   []time.Time
	n    []uint64
	last uint64
}

// add takes the count as it is now. One that went down is counted anew.
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

// grown is by how much the count has grown within the window, as far as is known.
func (m *meter) grown(now time.Time, window time.Duration) uint64 {
	for i, at := range m.at {
		if now.Sub(at) <= window+window/10 {
			return m.last - min(m.n[i], m.last)
		}
	}
	return 0
}

// ends is the count a window ago and now; false where so much is not known yet.
func (m *meter) ends(now time.Time, window time.Duration) (first, last uint64, ok bool) {
	if len(m.at) == 0 || now.Sub(m.at[0]) < window*9/10 {
		return 0, 0, false
	}
	return m.n[0], m.last, true
}
