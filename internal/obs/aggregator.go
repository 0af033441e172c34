package obs

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

// expireAfter is how long a process may be silent, by this process's clock, before it
// counts as gone.
const expireAfter = 5 * time.Second

// Aggregator adds up what all processes report. What a process counted stays in the
// totals after it ended; a process that starts again under its old name adds to them.
type Aggregator struct {
	mu        sync.Mutex
	started   time.Time
	instances map[string]*instance
	ended     totals   // of processes that are gone
	order     []string // of the stages, along the way of the data
	flow      flow
}

// maxInstances bounds the table: reports come from the network.
const maxInstances = 1024

// NewAggregator is an Aggregator that has heard nothing.
func NewAggregator() *Aggregator {
	return &Aggregator{started: time.Now(), instances: map[string]*instance{}, ended: newTotals()}
}

// Observe takes the report of one process; it keeps nothing of s that the caller
// might change, apart from the partitions and talkers, which reports never reuse.
func (a *Aggregator) Observe(s *models.InstanceStats) {
	now := time.Now()
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
	i.observe(s, a.order, now)
	a.flow.observe(a.totals(), now)
	if s.Final {
		a.retire(s.Instance, i)
	}
}

// expire moves what silent processes counted to the ended ones.
func (a *Aggregator) expire(now time.Time) {
	for name, i := range a.instances {
		if now.Sub(i.heard) > expireAfter {
			a.retire(name, i)
		}
	}
}

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

// Stats is the sum as of now. The threshold, and the lag of consumers that are not
// engines, are added by the caller.
func (a *Aggregator) Stats() models.Stats {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expire(now)
	t := a.totals()
	s := models.Stats{
		TS: models.TimestampOf(now), Stages: t.list(a.order), Partitions: []models.PartitionStatus{},
		Instances: []models.InstanceState{}, Alerts: t.stage(stageAlert).Out, Scored: t.stage(stageScore).Out,
	}
	source := t.source()
	s.Packets, s.Bytes = source.Out, source.Bytes
	for _, name := range slices.Sorted(maps.Keys(a.instances)) {
		i := a.instances[name]
		r := i.rate(now)
		s.ScoredPerSecond += r.scored
		if source.Stage == stageCapture {
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

// partitions takes each partition from the engine that is furthest in it: while a
// group rebalances, two may report the same one.
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

// maxTalkers is how many talkers are shown.
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
