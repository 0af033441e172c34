package ledger

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// bookState is a Book as it is saved, so that a restart of its process loses no count
// that other processes reported.
type bookState struct {
	Version   int                  `json:"version"`
	Saved     models.Timestamp     `json:"saved"`
	Since     models.Timestamp     `json:"since"`
	Processes []processState       `json:"processes"`
	Ended     []models.StageCounts `json:"ended"`    // of processes not kept by name
	Stopped   []models.StageCounts `json:"vanished"` // the same
	Left      map[string]uint64    `json:"left"`
	Lanes     []laneState          `json:"lanes"`
	Logs      []logState           `json:"logs"`
	Others    map[string]uint64    `json:"others"`
	Forgotten uint64               `json:"forgotten"`
	Uncertain bool                 `json:"uncertain"`
}

type processState struct {
	Instance string               `json:"instance"`
	Started  models.Timestamp     `json:"started"`
	Role     string               `json:"role"`
	TS       models.Timestamp     `json:"ts"`
	State    string               `json:"state"`
	Stages   []models.StageCounts `json:"stages"`
}

type laneState struct {
	Instance string                 `json:"instance"`
	Lost     uint64                 `json:"lost,omitempty"`
	Status   models.PartitionStatus `json:"status"`
}

type logState struct {
	Progress models.Progress `json:"progress"`
	Before   uint64          `json:"before,omitempty"`
}

const bookVersion = 1

// Changes returns a number that grows with every change that is worth saving.
func (b *Book) Changes() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changes
}

// State returns the book for Restore.
func (b *Book) State() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := bookState{
		Version: bookVersion, Saved: models.TimestampOf(time.Now()), Since: b.since,
		Ended: b.merged.ended.list(stagesOf(b.merged.ended)), Stopped: b.merged.stopped.list(stagesOf(b.merged.stopped)),
		Left: b.merged.left, Others: b.unreported, Forgotten: b.forgotten, Uncertain: b.uncertain,
	}
	for _, p := range b.processes {
		s.Processes = append(s.Processes, processState{p.last.Instance, p.last.Started, p.last.Role, p.last.TS, p.state, p.last.Stages})
	}
	for _, l := range b.lanes {
		_, v := l.views.last()
		s.Lanes = append(s.Lanes, laneState{v.instance, l.lost, v.status})
	}
	for _, l := range b.logs {
		_, v := l.views.last()
		s.Logs = append(s.Logs, logState{v.progress, l.before})
	}
	return json.Marshal(&s)
}

// Restore replaces the content of the book by a saved State, and returns when that was
// saved. Stage names and drop reasons of earlier versions become current identifiers.
// Processes that ran then and do not report any more expire as usual.
func (b *Book) Restore(state []byte) (saved time.Time, err error) {
	var s bookState
	if err := json.Unmarshal(state, &s); err != nil {
		return saved, fmt.Errorf("saved ledger: %w", err)
	}
	if s.Version != bookVersion {
		return saved, fmt.Errorf("saved ledger has version %d, this netlyra knows %d", s.Version, bookVersion)
	}
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since, b.forgotten, b.uncertain, b.moved = s.Since, s.Forgotten, s.Uncertain, now
	b.merged, b.unreported = newMerged(), map[string]uint64{}
	for stage, n := range s.Left {
		b.merged.left[stageCode(stage)] += n
	}
	maps.Copy(b.unreported, s.Others)
	for _, c := range withCodes(s.Ended) {
		b.merged.ended.grow(c, models.StageCounts{})
	}
	for _, c := range withCodes(s.Stopped) {
		b.merged.stopped.grow(c, models.StageCounts{})
	}
	for _, p := range s.Processes[:min(len(s.Processes), maxProcesses)] {
		b.processes[processKey{p.Instance, p.Started}] = &process{heard: now, state: p.State, last: models.InstanceStats{
			Instance: p.Instance, Started: p.Started, Role: p.Role, TS: p.TS, Stages: b.known(withCodes(p.Stages)),
		}}
	}
	var long time.Time // ago: no process has confirmed it yet
	for _, p := range s.Lanes[:min(len(s.Lanes), maxLanes)] {
		l := &lane{lost: p.Lost}
		l.views.add(long, laneView{p.Instance, p.Status})
		b.lanes[p.Status.Partition] = l
	}
	for _, p := range s.Logs[:min(len(s.Logs), maxLanes)] {
		l := &partitionLog{before: p.Before}
		l.views.add(long, recordedView{p.Progress, p.Before + uint64(max(p.Progress.Done, 0))})
		b.logs[logKey{p.Progress.Topic, p.Progress.Partition}] = l
	}
	return s.Saved.Time(), nil
}
