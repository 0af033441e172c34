package ledger

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// Book is the ledger over all processes: what each of them counted since the ledger
// began, whether or not it still runs. The engine's counts are the lanes' totals, which
// are saved with the models: an engine that is killed neither loses nor repeats them.
//
// Processes report one after the other, so the right side of an equation is taken as of
// the time by which every process had reported its left side. Then what came out has
// also come in. A Book may be used from any goroutine.
type Book struct {
	mu        sync.Mutex
	topics    map[string]string // topic to its check
	since     models.Timestamp
	processes map[processKey]*process
	merged    merged   // processes that stopped too long ago to be kept by name
	stages    []string // known stages, bounded
	lanes     map[int32]*lane
	logs      map[logKey]*partitionLog

	unreported map[string]uint64    // by check: on the topic, reported by no process
	late       map[string]*ahead    // by check
	forgotten  uint64               // packets that only lost models had accepted
	uncertain  bool                 // unreported counts may show at the next rest: the book is new, or a process stopped without a final report
	returned   bool                 // such a process reported again: some of unreported was its
	wrong      map[string]time.Time // by check: since when it does not hold
	moved      time.Time            // when any count changed last
	changes    uint64
}

type processKey struct {
	instance string
	started  models.Timestamp
}

type logKey struct {
	topic     string
	partition int32
}

// process is what one process reported.
type process struct {
	last  models.InstanceStats // stages, names and times only
	grown map[string]uint64    // by stage: what came in between the last two reports
	heard time.Time            // of the last report, by this process's clock
	state string
}

// Bounds: reports come from the network.
const (
	maxProcesses = 256 // kept by name
	maxLanes     = 1024
	maxViews     = 64 // processes report ten times a second and expire after expireAfter
	restAfter    = time.Second
)

// topicChecks are the equations of topics, where records may be that no process reported.
var topicChecks = []string{vocabulary.CheckLog, vocabulary.CheckAlerts, vocabulary.CheckConnections}

// NewBook returns an empty ledger that begins now. The topics are those of the recorder.
func NewBook(alertsTopic, connectionsTopic string) *Book {
	now := time.Now()
	b := &Book{
		topics: map[string]string{alertsTopic: vocabulary.CheckAlerts, connectionsTopic: vocabulary.CheckConnections},
		since:  models.TimestampOf(now), processes: map[processKey]*process{}, merged: newMerged(),
		lanes: map[int32]*lane{}, logs: map[logKey]*partitionLog{}, unreported: map[string]uint64{},
		late: map[string]*ahead{}, wrong: map[string]time.Time{}, uncertain: true, moved: now,
	}
	for _, check := range topicChecks {
		b.late[check] = &ahead{}
	}
	return b
}

// Observe adds the report of one process. Old and repeated reports change nothing.
func (b *Book) Observe(s *models.InstanceStats) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire(now)
	key := processKey{s.Instance, s.Started}
	p := b.processes[key]
	stages := b.known(withCodes(s.Stages))
	if p != nil && s.TS > p.last.TS && p.restarted(stages) {
		p.state = vocabulary.ProcessLost
		b.merged.add(p)
		p = nil
	}
	switch {
	case p == nil:
		p = &process{last: models.InstanceStats{Instance: s.Instance, Started: s.Started}}
		b.processes[key] = p
	case s.TS <= p.last.TS || p.state == vocabulary.ProcessEnded:
		return
	case p.state == vocabulary.ProcessLost:
		b.returned = true
	}
	p.state, p.heard = vocabulary.ProcessRunning, now
	if p.take(s, stages) {
		b.touch(now)
	}
	for i := range s.Partitions {
		if l := &s.Partitions[i]; !s.Final || b.ownsLane(s.Instance, l.Partition) {
			b.lane(l, s.Instance, now)
		}
	}
	for _, r := range s.Recorded {
		b.recorded(r, now)
	}
	if s.Final {
		p.state = vocabulary.ProcessEnded
		b.touch(now)
	}
	b.merge()
	b.settle(now)
}

// touch records that something changed.
func (b *Book) touch(now time.Time) {
	b.moved = now
	b.changes++
}

// known returns the counts of known stages; new ones become known up to maxStages.
func (b *Book) known(all []models.StageCounts) []models.StageCounts {
	out := make([]models.StageCounts, 0, min(len(all), maxStages))
	for _, c := range all {
		if !slices.Contains(b.stages, c.Stage) {
			if len(b.stages) >= maxStages {
				continue
			}
			b.stages = append(b.stages, c.Stage)
		}
		out = append(out, c)
	}
	return out
}

// restarted reports whether the counts are of another process of the same name: the
// counts of one process never decrease.
func (p *process) restarted(stages []models.StageCounts) bool {
	for _, c := range stages {
		for _, old := range p.last.Stages {
			if c.Stage == old.Stage && c.In < old.In {
				return true
			}
		}
	}
	return false
}

// take makes s the latest report, and reports whether any count changed. The counts of
// the live stage do not matter: they change even at rest.
func (p *process) take(s *models.InstanceStats, stages []models.StageCounts) (changed bool) {
	before := map[string]models.StageCounts{}
	for _, c := range p.last.Stages {
		before[c.Stage] = c
	}
	p.grown = map[string]uint64{}
	for _, c := range stages {
		old := before[c.Stage]
		if c.In > old.In {
			p.grown[c.Stage] = c.In - old.In
		}
		changed = changed || c.Stage != vocabulary.StageLive && (c.In != old.In || c.Out != old.Out || !maps.Equal(c.Dropped, old.Dropped))
	}
	p.last.Role, p.last.TS, p.last.Stages = s.Role, s.TS, stages
	return changed
}

// expire marks processes that have not reported for expireAfter as stopped without a
// final report.
func (b *Book) expire(now time.Time) {
	for _, p := range b.processes {
		if p.state == vocabulary.ProcessRunning && now.Sub(p.heard) > expireAfter {
			p.state, b.uncertain = vocabulary.ProcessLost, true
			b.touch(now)
		}
	}
}

// merge moves the processes that stopped longest ago to the sums while there are more
// than maxProcesses.
func (b *Book) merge() {
	for len(b.processes) > maxProcesses {
		oldest := slices.MinFunc(slices.Collect(maps.Values(b.processes)), func(x, y *process) int {
			return cmp.Or(cmp.Compare(runs(x), runs(y)), x.heard.Compare(y.heard), cmp.Compare(x.last.Instance, y.last.Instance))
		})
		b.merged.add(oldest)
		delete(b.processes, processKey{oldest.last.Instance, oldest.last.Started})
	}
}

func runs(p *process) int {
	if p.state == vocabulary.ProcessRunning {
		return 1
	}
	return 0
}

// Ledger returns all equations as of now.
func (b *Book) Ledger() models.Ledger {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire(now)
	b.settle(now)
	l := models.Ledger{
		TS: models.TimestampOf(now), Since: b.since, AtRest: b.atRest(now), AddsUp: true, Checks: b.checks(now),
		Lanes: b.laneList(now), Recorded: []models.Progress{}, Processes: []models.LedgerProcess{},
		Notes: []string{}, Conditions: b.conditions(),
	}
	for _, c := range l.Conditions {
		l.Notes = append(l.Notes, c.Text)
	}
	for _, c := range l.Checks {
		l.AddsUp = l.AddsUp && c.Holds
	}
	for _, p := range l.Lanes {
		l.AddsUp = l.AddsUp && p.Holds
	}
	for _, p := range b.logs {
		_, v := p.views.last()
		l.Recorded = append(l.Recorded, v.progress)
	}
	slices.SortFunc(l.Recorded, func(x, y models.Progress) int {
		return cmp.Or(cmp.Compare(x.Topic, y.Topic), cmp.Compare(x.Partition, y.Partition))
	})
	for _, p := range b.processes {
		l.Processes = append(l.Processes, models.LedgerProcess{
			Instance: p.last.Instance, Role: p.last.Role, Started: p.last.Started, TS: p.last.TS, State: p.state,
		})
	}
	slices.SortFunc(l.Processes, func(x, y models.LedgerProcess) int {
		return cmp.Or(cmp.Compare(x.Started, y.Started), cmp.Compare(x.Instance, y.Instance))
	})
	return l
}
