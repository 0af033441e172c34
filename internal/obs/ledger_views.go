package obs

import (
	"maps"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// views is the latest few of a series of reports, with the times at which they came.
type views[V any] struct {
	at   []time.Time
	what []V
}

func (v *views[V]) add(now time.Time, x V) {
	if len(v.at) == maxViews {
		v.at, v.what = slices.Delete(v.at, 0, 1), slices.Delete(v.what, 0, 1)
	}
	v.at, v.what = append(v.at, now), append(v.what, x)
}

// last is the newest, and when it came.
func (v *views[V]) last() (time.Time, V) { return v.at[len(v.at)-1], v.what[len(v.what)-1] }

// asOf is the newest one that had come by then, or the oldest that is kept; false where
// nothing was known by then.
func (v *views[V]) asOf(then time.Time) (V, bool) {
	for i := len(v.at) - 1; i > 0; i-- {
		if !v.at[i].After(then) {
			return v.what[i], true
		}
	}
	return v.what[0], len(v.at) == maxViews || !v.at[0].After(then)
}

// lane is one lane of the engine, whoever works on it.
type lane struct {
	views views[laneView]
	lost  uint64 // packets that a model before the present one had taken in, since the last rest
	anew  bool   // there was one
}

type laneView struct {
	instance string
	status   models.PartitionStatus
}

// lane takes a lane's totals. They go back when an engine begins again from a
// checkpoint, and grow again; they begin at nothing when the checkpoint was lost.
func (b *Book) lane(s *models.PartitionStatus, instance string, now time.Time) {
	l := b.lanes[s.Partition]
	if l == nil {
		if len(b.lanes) >= maxLanes {
			return
		}
		l = &lane{}
		b.lanes[s.Partition] = l
		l.views.add(now, laneView{instance, *s})
		b.touch(now)
		return
	}
	_, before := l.views.last()
	old := before.status
	if s.Packets < old.Packets && s.Scored == 0 && old.Scored > 0 {
		l.lost += old.Packets
		l.anew = true
	}
	if old.Packets != s.Packets || old.Held != s.Held || old.Missing != s.Missing || old.Duplicates != s.Duplicates || before.instance != instance {
		b.touch(now)
	}
	l.views.add(now, laneView{instance, *s})
}

// has reports whether nobody has told of the lane since that process. A last report
// also tells of lanes that another engine may have by then.
func (b *Book) has(instance string, n int32) bool {
	l := b.lanes[n]
	if l == nil {
		return true
	}
	_, v := l.views.last()
	return v.instance == instance
}

// partitionLog is how far a partition of a recorder's topic is worked off.
type partitionLog struct {
	views  views[recordedView]
	before uint64 // records of logs of the same name that are gone
}

type recordedView struct {
	progress models.Progress
	done     uint64
}

// recorded takes a recorder's progress. A log that is shorter than it was is another.
// A last report does not know the end (-1), and may tell of what another recorder has
// taken over since.
func (b *Book) recorded(p models.Progress, now time.Time) {
	if b.topics[p.Topic] == "" || p.Partition < 0 || p.Done < 0 {
		return
	}
	key := logKey{p.Topic, p.Partition}
	l := b.logs[key]
	if l == nil {
		if len(b.logs) >= maxLanes {
			return
		}
		l = &partitionLog{}
		b.logs[key] = l
		b.touch(now)
	} else if _, old := l.views.last(); p.End < 0 {
		if p.Done < old.progress.Done {
			return
		}
		p.End = max(old.progress.End, p.Done)
	} else if p.End < old.progress.End && p.Done < old.progress.Done {
		l.before = old.done
		b.touch(now)
	} else if p.Done != old.progress.Done || p.End != old.progress.End {
		b.touch(now)
	}
	l.views.add(now, recordedView{p, l.before + uint64(p.Done)})
}

// cut is the time by which every process that runs has reported, so that what came in
// by then is in the latest reports. At rest all reports are of the same moment.
func (b *Book) cut(now time.Time) time.Time {
	if b.atRest(now) {
		return now
	}
	for _, p := range b.processes {
		if p.state == models.ProcessRuns && p.heard.Before(now) {
			now = p.heard
		}
	}
	return now
}

// sums adds up all processes, and the lanes and logs as of the cut.
func (b *Book) sums(now time.Time) *sums {
	s := &sums{
		all: newTotals(), told: newTotals(), pending: map[string]uint64{}, left: maps.Clone(b.merged.left),
		grown: map[string]uint64{}, running: map[string]uint64{}, done: map[string]uint64{},
		others: b.others, forgotten: b.forgotten,
	}
	s.all.add(b.merged.ended)
	s.all.add(b.merged.vanished)
	s.told.add(b.merged.ended)
	for _, p := range b.processes {
		s.add(p)
	}
	cut := b.cut(now)
	for _, l := range b.lanes {
		if v, ok := l.views.asOf(cut); ok {
			addLane(&s.lanes, &v.status)
		}
	}
	for key, l := range b.logs {
		if v, ok := l.views.asOf(cut); ok {
			s.done[b.topics[key.topic]] += v.done
		}
	}
	return s
}

func (s *sums) add(p *process) {
	for _, c := range p.last.Stages {
		s.all.grow(c, models.StageCounts{})
		if p.state != models.ProcessVanished {
			s.told.grow(c, models.StageCounts{})
		}
		inside := c.In - min(c.In, c.Out+sumOf(c.Dropped))
		if p.state == models.ProcessRuns {
			s.pending[c.Stage] += inside
			s.grown[c.Stage] += p.grown[c.Stage]
			s.running[c.Stage]++
		} else {
			s.left[c.Stage] += inside
		}
	}
}

func addLane(sum *models.LedgerLane, p *models.PartitionStatus) {
	sum.Packets += p.Packets
	sum.Cold += p.Cold
	sum.Scored += p.Scored
	sum.Alerted += p.Alerted
	sum.Withheld += p.Withheld
	sum.Passed += p.Passed
	sum.Alerts += p.Alerts
	sum.Held += p.Held
	sum.Duplicates += p.Duplicates
	sum.Missing += p.Missing
	sum.Unreadable += p.Unreadable
	sum.Lag += p.Lag
}

// laneList is the lanes as of the cut, each with its own equation.
func (b *Book) laneList(now time.Time) []models.LedgerLane {
	cut, out := b.cut(now), []models.LedgerLane{}
	for _, n := range slices.Sorted(maps.Keys(b.lanes)) {
		v, _ := b.lanes[n].views.asOf(cut)
		l := models.LedgerLane{Lane: n, Instance: v.instance}
		addLane(&l, &v.status)
		l.Difference = int64(l.Packets - l.Scored - l.Cold)
		l.Holds = l.Difference == 0 && l.Scored == l.Alerted+l.Withheld+l.Passed
		out = append(out, l)
	}
	return out
}

// kept is the counts of processes that are not kept by name.
type kept struct {
	ended, vanished totals
	left            map[string]uint64
}

func newKept() kept {
	return kept{ended: newTotals(), vanished: newTotals(), left: map[string]uint64{}}
}

func (k *kept) add(p *process) {
	to := k.ended
	if p.state != models.ProcessEnded {
		to = k.vanished
	}
	for _, c := range p.last.Stages {
		to.grow(c, models.StageCounts{})
		k.left[c.Stage] += c.In - min(c.In, c.Out+sumOf(c.Dropped))
	}
}
