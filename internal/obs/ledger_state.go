package obs

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/netlyra/netlyra/internal/models"
)

// bookState is a Book as it is saved, so that a restart of the process that keeps it
// loses none of what others told.
type bookState struct {
	Version   int                  `json:"version"`
	Saved     models.Timestamp     `json:"saved"`
	Since     models.Timestamp     `json:"since"`
	Processes []processState       `json:"processes"`
	Ended     []models.StageCounts `json:"ended"`    // of processes that are not kept by name
	Vanished  []models.StageCounts `json:"vanished"` // the same
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

// Changes grows with every change that is worth saving.
func (b *Book) Changes() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changes
}

// State is the book, to be saved.
func (b *Book) State() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := bookState{
		Version: bookVersion, Saved: models.TimestampOf(time.Now()), Since: b.since,
		Ended: b.merged.ended.list(stagesOf(b.merged.ended)), Vanished: b.merged.vanished.list(stagesOf(b.merged.vanished)),
		Left: b.merged.left, Others: b.others, Forgotten: b.forgotten, Uncertain: b.uncertain,
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

// Restore makes the book what it was at State, and says when that was. Processes that
// ran then and do not report any more count as vanished in a while.
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
	b.merged, b.others = newKept(), map[string]uint64{}
	maps.Copy(b.merged.left, s.Left)
	maps.Copy(b.others, s.Others)
	for _, c := range s.Ended {
		b.merged.ended.grow(c, models.StageCounts{})
	}
	for _, c := range s.Vanished {
		b.merged.vanished.grow(c, models.StageCounts{})
	}
	for _, p := range s.Processes[:min(len(s.Processes), maxProcesses)] {
		b.processes[processKey{p.Instance, p.Started}] = &process{heard: now, state: p.State, last: models.InstanceStats{
			Instance: p.Instance, Started: p.Started, Role: p.Role, TS: p.TS, Stages: b.known(p.Stages),
		}}
	}
	var long time.Time // ago: nobody has said that it is still so
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
