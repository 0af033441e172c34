package ledger

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// expireAfter is how long a process may not report, by this process's clock, before it
// counts as stopped.
const expireAfter = 5 * time.Second

// Aggregator sums the reports of all processes. The counts of a process stay in the
// totals after it stopped; one that restarts under its old name adds to them.
type Aggregator struct {
	mu        sync.Mutex
	started   time.Time
	instances map[string]*instance
	ended     totals   // of processes that stopped
	order     []string // of the stages, as the data passes them
	flow      flow
}

// maxInstances bounds the table: reports come from the network.
const maxInstances = 1024

// NewAggregator returns an Aggregator without reports.
func NewAggregator() *Aggregator {
	return &Aggregator{started: time.Now(), instances: map[string]*instance{}, ended: newTotals()}
}

// Observe adds the report of one process. It keeps the slices and maps of s: the caller
// must not change them.
func (a *Aggregator) Observe(report *models.InstanceStats) {
	now, s := time.Now(), *report
	s.Stages = withCodes(s.Stages)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expire(now)
	i := a.instances[s.Instance]
	if i == nil {
		if len(a.instances) >= maxInstances {
			return
		}
		i = &instance{total: newTotals()}
		a.instances[s.Instance] = i
	}
	for _, c := range s.Stages {
		if !slices.Contains(a.order, c.Stage) && len(a.order) < maxStages {
			a.order = append(a.order, c.Stage)
		}
	}
	slices.SortStableFunc(a.order, func(x, y string) int { return cmp.Compare(rank(x), rank(y)) })
	i.observe(&s, a.order, now)
	a.flow.observe(a.totals(), now)
	if s.Final {
		a.retire(s.Instance, i)
	}
}

// expire retires the processes that have not reported for expireAfter.
func (a *Aggregator) expire(now time.Time) {
	for name, i := range a.instances {
		if now.Sub(i.heard) > expireAfter {
			a.retire(name, i)
		}
	}
}

// retire moves the counts of a process to those that stopped.
func (a *Aggregator) retire(name string, i *instance) {
	a.ended.add(i.total)
	delete(a.instances, name)
}

func (a *Aggregator) totals() totals {
	t := newTotals()
	t.add(a.ended)
	for _, i := range a.instances {
		t.add(i.total)
	}
	return t
}

// Stats returns the sum as of now. The caller adds the threshold, and the lag of consumers
// other than engines.
func (a *Aggregator) Stats() models.Stats {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expire(now)
	t := a.totals()
	s := models.Stats{
		TS: models.TimestampOf(now), Stages: t.list(a.order), Partitions: []models.PartitionStatus{},
		Instances: []models.InstanceState{}, Alerts: t.stage(vocabulary.StageAlert).Out, Scored: t.stage(vocabulary.StageScore).Out,
	}
	source := t.source()
	s.Packets, s.Bytes = source.Out, source.Bytes
	for _, name := range slices.Sorted(maps.Keys(a.instances)) {
		i := a.instances[name]
		r := i.rate(now)
		s.ScoredPerSecond += r.scored
		if source.Stage == vocabulary.StageCapture {
			s.PacketsPerSecond += r.captured
			s.BitsPerSecond += 8 * r.capturedBytes
		} else {
			s.PacketsPerSecond += r.consumed
			s.BitsPerSecond += 8 * r.consumedBytes
		}
		s.Instances = append(s.Instances, models.InstanceState{
			Instance: name, Role: i.last.Role, TS: i.last.TS, Health: i.last.Health, Conditions: i.last.Conditions,
			Descriptors: i.last.Descriptors,
		})
	}
	s.Traffic = a.traffic(t)
	s.Connections = s.Traffic.Connections
	a.partitions(&s)
	s.Conditions = []vocabulary.Condition{}
	if c := a.idle(&s, t, now); c != nil {
		s.Idle, s.Conditions = c.Stage+": "+c.Text, append(s.Conditions, *c)
	}
	return s
}

// partitions takes each lane from the engine that is furthest: during a rebalance two
// may report the same one.
func (a *Aggregator) partitions(s *models.Stats) {
	best := map[int32]models.PartitionStatus{}
	for _, i := range a.instances {
		for _, p := range i.last.Partitions {
			if old, ok := best[p.Partition]; !ok || p.Offset > old.Offset {
				best[p.Partition] = p
			}
		}
	}
	s.Warm = len(best) > 0
	for _, n := range slices.Sorted(maps.Keys(best)) {
		p := best[n]
		s.Partitions = append(s.Partitions, p)
		s.Warm = s.Warm && p.Warm
		s.WarmAfter = max(s.WarmAfter, p.WarmAfter)
		s.Lag.Packets += max(0, p.Lag)
	}
}

// maxTalkers is the number of talkers in Stats.
const maxTalkers = 10

func (a *Aggregator) traffic(t totals) models.Traffic {
	sum := models.Traffic{Talkers: []models.Talker{}, Protocols: t.protocols}
	hosts := map[string]models.Talker{}
	for _, i := range a.instances {
		if i.last.Traffic == nil {
			continue
		}
		sum.Connections += i.last.Traffic.Connections
		sum.EventTS = max(sum.EventTS, i.last.Traffic.EventTS)
		for _, h := range i.last.Traffic.Talkers {
			old := hosts[h.IP]
			hosts[h.IP] = models.Talker{IP: h.IP, Packets: old.Packets + h.Packets, Bytes: old.Bytes + h.Bytes}
		}
	}
	sum.Talkers = slices.AppendSeq(sum.Talkers, maps.Values(hosts))
	slices.SortFunc(sum.Talkers, func(x, y models.Talker) int {
		return cmp.Or(cmp.Compare(y.Bytes, x.Bytes), strings.Compare(x.IP, y.IP))
	})
	sum.Talkers = sum.Talkers[:min(len(sum.Talkers), maxTalkers)]
	return sum
}
