package obs

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// Book is the ledger over all processes: what each of them counted, for as long as
// there is a ledger, whether or not it still runs. Of the engine it takes the totals
// that are saved with the models, which a killed engine neither loses nor repeats.
//
// Reports come one after the other, so the book looks at what comes later in the way
// of the data as it was when the last of the others had reported: then what came out
// has always come in. It may be used from any goroutine.
type Book struct {
	mu        sync.Mutex
	topics    map[string]string // name of a topic to that of its check
	since     models.Timestamp
	processes map[processKey]*process
	merged    kept     // processes that are too long gone to be kept by name
	stages    []string // whose counts are taken
	lanes     map[int32]*lane
	logs      map[logKey]*partitionLog
	others    map[string]uint64    // by check: on the log, and told of by nobody
	late      map[string]*ahead    // by check
	forgotten uint64               // packets taken in by models that were lost
	uncertain bool                 // the next rest may show what nobody told of: the book is new, or a process vanished
	returned  bool                 // a process that had vanished told of more: some of others was its
	wrong     map[string]time.Time // by check: since when it does not hold
	moved     time.Time            // when any count changed last
	changes   uint64
}

type processKey struct {
	instance string
	started  models.Timestamp
}

type logKey struct {
	topic     string
	partition int32
}

// process is one process as it reports itself.
type process struct {
	last  models.InstanceStats // Stages, names and times only
	grown map[string]uint64    // by stage: what came in between the last two reports
	heard time.Time            // by this process's clock
	state string
}

// Bounds: reports come from the network.
const (
	maxProcesses = 256 // that are kept by name
	maxLanes     = 1024
	maxViews     = 64 // reports come ten times a second, and a silent process counts as gone after expireAfter
	restAfter    = time.Second
)

// Checks that the log itself decides.
const (
	checkLog         = "log"
	checkAlerts      = "alerts"
	checkConnections = "connections"
)

// NewBook begins a ledger; the topics are those of the recorder.
func NewBook(alertsTopic, connectionsTopic string) *Book {
	now := time.Now()
	return &Book{
		topics:    map[string]string{alertsTopic: checkAlerts, connectionsTopic: checkConnections},
		since:     models.TimestampOf(now),
		processes: map[processKey]*process{}, lanes: map[int32]*lane{}, logs: map[logKey]*partitionLog{},
		merged: newKept(), others: map[string]uint64{}, late: map[string]*ahead{checkLog: {}, checkAlerts: {}, checkConnections: {}}, uncertain: true, moved: now,
		wrong: map[string]time.Time{},
	}
}

// Observe takes the report of one process. Old ones and repeated ones change nothing.
func (b *Book) Observe(s *models.InstanceStats) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire(now)
	key := processKey{s.Instance, s.Started}
	p := b.processes[key]
	if p != nil && s.TS > p.last.TS && p.began(s) {
		p.state = models.ProcessVanished
		b.merged.add(p)
		p = nil
	}
	switch {
	case p == nil:
		p = &process{last: models.InstanceStats{Instance: s.Instance, Started: s.Started}}
		b.processes[key] = p
	case s.TS <= p.last.TS || p.state == models.ProcessEnded:
		return
	case p.state == models.ProcessVanished:
		b.returned = true
	}
	p.state, p.heard = models.ProcessRuns, now
	if p.take(s, b.known(s.Stages)) {
		b.touch(now)
	}
	for i := range s.Partitions {
		if l := &s.Partitions[i]; !s.Final || b.has(s.Instance, l.Partition) {
			b.lane(l, s.Instance, now)
		}
	}
	for _, r := range s.Recorded {
		b.recorded(r, now)
	}
	if s.Final {
		p.state = models.ProcessEnded
		b.touch(now)
	}
	b.merge()
	b.settle(now)
}

// touch notes that something changed.
func (b *Book) touch(now time.Time) {
	b.moved = now
	b.changes++
}

// known is the counts of the stages that there is room for.
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

// began reports whether s is of another process of the same name: counts only grow.
func (p *process) began(s *models.InstanceStats) bool {
	for _, c := range s.Stages {
		for _, old := range p.last.Stages {
			if c.Stage == old.Stage && c.In < old.In {
				return true
			}
		}
	}
	return false
}

// take makes s the latest report and tells whether any count but those of the live
// views changed: these never rest.
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
		changed = changed || c.Stage != stageLive && (c.In != old.In || c.Out != old.Out || !maps.Equal(c.Dropped, old.Dropped))
	}
	p.last.Role, p.last.TS, p.last.Stages = s.Role, s.TS, stages
	return changed
}

// expire marks processes that have been silent for too long.
func (b *Book) expire(now time.Time) {
	for _, p := range b.processes {
		if p.state == models.ProcessRuns && now.Sub(p.heard) > expireAfter {
			p.state, b.uncertain = models.ProcessVanished, true
			b.touch(now)
		}
	}
}

// merge adds the processes that are longest gone to the sums, where there are too many.
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
	if p.state == models.ProcessRuns {
		return 1
	}
	return 0
}

// Ledger is the state of all equations now.
func (b *Book) Ledger() models.Ledger {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire(now)
	b.settle(now)
	l := models.Ledger{
		TS: models.TimestampOf(now), Since: b.since, AtRest: b.atRest(now), AddsUp: true, Checks: b.checks(now),
		Lanes: b.laneList(now), Recorded: []models.Progress{}, Processes: []models.LedgerProcess{}, Notes: b.notes(),
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
