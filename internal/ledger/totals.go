package ledger

import (
	"slices"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// rank returns the position of a stage on the path of the data; unknown ones come last.
func rank(stage string) int {
	if i := slices.IndexFunc(vocabulary.Stages, func(e vocabulary.Entry) bool { return e.Code == stage }); i >= 0 {
		return i
	}
	return len(vocabulary.Stages)
}

// Bounds of the sums: reports come from the network.
const (
	maxStages    = 64
	maxReasons   = 256
	maxProtocols = 512
)

// totals are counters that only increase.
type totals struct {
	stages    map[string]*models.StageCounts
	protocols map[string]uint64
}

func newTotals() totals {
	return totals{stages: map[string]*models.StageCounts{}, protocols: map[string]uint64{}}
}

// stage returns the counts of one stage, zeros if no process has it.
func (t totals) stage(name string) models.StageCounts {
	if c := t.stages[name]; c != nil {
		return *c
	}
	return models.StageCounts{Stage: name}
}

// source returns the stage that measures the traffic: capture, or consume where other
// programs write to the packets topic.
func (t totals) source() models.StageCounts {
	if c := t.stage(vocabulary.StageCapture); c.Out > 0 {
		return c
	}
	return t.stage(vocabulary.StageConsume)
}

// list returns the counts of the stages in that order.
func (t totals) list(order []string) []models.StageCounts {
	out := make([]models.StageCounts, 0, len(order))
	for _, name := range order {
		out = append(out, t.stage(name))
	}
	return out
}

func (t totals) add(o totals) {
	for _, c := range o.stages {
		t.grow(*c, models.StageCounts{})
	}
	for p, n := range o.protocols {
		addBounded(t.protocols, p, n, maxProtocols)
	}
}

// grow adds the increase from before to c, counter by counter. One that decreased was
// reset by a restart and counts as a whole.
func (t totals) grow(c, before models.StageCounts) {
	s := t.stages[c.Stage]
	if s == nil {
		s = &models.StageCounts{Stage: c.Stage}
		t.stages[c.Stage] = s
	}
	s.In += more(c.In, before.In)
	s.Out += more(c.Out, before.Out)
	s.Bytes += more(c.Bytes, before.Bytes)
	for reason, n := range c.Dropped {
		if d := more(n, before.Dropped[reason]); d > 0 {
			if s.Dropped == nil {
				s.Dropped = map[string]uint64{}
			}
			addBounded(s.Dropped, reason, d, maxReasons)
		}
	}
}

// more returns the increase of a counter, or all of it after a reset.
func more(now, before uint64) uint64 {
	if now >= before {
		return now - before
	}
	return now
}

// addBounded adds to a key of m, or to DropOther once m is full.
func addBounded(m map[string]uint64, key string, n uint64, limit int) {
	if _, ok := m[key]; !ok && len(m) >= limit {
		key = vocabulary.DropOther
	}
	m[key] += n
}
