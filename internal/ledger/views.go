package ledger

import (
	"maps"
	"slices"
	"time"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// views has the latest values of a series of reports, with their times of arrival.
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

// last returns the newest value and its time of arrival.
func (v *views[V]) last() (time.Time, V) { return v.at[len(v.at)-1], v.what[len(v.what)-1] }

// asOf returns the newest value that had arrived by then, or the oldest that is kept;
// false if none had arrived.
func (v *views[V]) asOf(then time.Time) (V, bool) {
	for i := len(v.at) - 1; i > 0; i-- {
		if !v.at[i].After(then) {
			return v.what[i], true
		}
	}
	return v.what[0], len(v.at) == maxViews || !v.at[0].After(then)
}

// lane is one lane of the engine, whichever process has it.
type lane struct {
	views views[laneView]
	lost  uint64 // packets that lost models of the lane had accepted, since the last rest
	reset bool   // there was a lost model
}

type laneView struct {
	instance string
	status   models.PartitionStatus
}

// lane adds a lane's totals. They decrease when an engine resumes from a checkpoint, and
// grow again; they start at zero when the checkpoint was lost.
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
		l.reset = true
	}
	if old.Packets != s.Packets || old.Held != s.Held || old.Missing != s.Missing || old.Duplicates != s.Duplicates || before.instance != instance {
		b.touch(now)
	}
	l.views.add(now, laneView{instance, *s})
}

// ownsLane reports whether no other process has reported the lane since that process
// did. A final report has lanes that another engine may have by then.
func (b *Book) ownsLane(instance string, n int32) bool {
	l := b.lanes[n]
	if l == nil {
		return true
	}
	_, v := l.views.last()
	return v.instance == instance
}

// partitionLog is the progress of the recorder in one partition of a topic.
type partitionLog struct {
	views  views[recordedView]
	before uint64 // records of earlier logs of the same name
}

type recordedView struct {
	progress models.Progress
	done     uint64
}

// recorded adds a recorder's progress. A log that is shorter than before is a new one. A
// final report has no end (-1), and may have partitions that another recorder has by then.
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

// cut returns the time by which every running process has reported, so that what came in
// by then is in the latest reports. At rest all reports are of the same moment.
func (b *Book) cut(now time.Time) time.Time {
	if b.atRest(now) {
		return now
	}
	for _, p := range b.processes {
		if p.state == vocabulary.ProcessRunning && p.heard.Before(now) {
			now = p.heard
		}
	}
	return now
}

// sums adds up all processes, and the lanes and logs as of the cut.
func (b *Book) sums(now time.Time) *sums {
	s := &sums{
		all: newTotals(), reported: newTotals(), pending: map[string]uint64{}, left: maps.Clone(b.merged.left),
		grown: map[string]uint64{}, running: map[string]uint64{}, done: map[string]uint64{},
		unreported: b.unreported, forgotten: b.forgotten,
	}
	s.all.add(b.merged.ended)
	s.all.add(b.merged.stopped)
	s.reported.add(b.merged.ended)
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
		if p.state != vocabulary.ProcessLost {
			s.reported.grow(c, models.StageCounts{})
		}
		inside := c.In - min(c.In, c.Out+sumOf(c.Dropped))
		if p.state == vocabulary.ProcessRunning {
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

// laneList returns the lanes as of the cut, each with its own equation.
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

// merged is the sum of processes that are not kept by name.
type merged struct {
	ended, stopped totals
	left           map[string]uint64
}

func newMerged() merged {
	return merged{ended: newTotals(), stopped: newTotals(), left: map[string]uint64{}}
}

func (k *merged) add(p *process) {
	to := k.ended
	if p.state != vocabulary.ProcessEnded {
		to = k.stopped
	}
	for _, c := range p.last.Stages {
		to.grow(c, models.StageCounts{})
		k.left[c.Stage] += c.In - min(c.In, c.Out+sumOf(c.Dropped))
	}
}
