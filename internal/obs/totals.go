package obs

import (
	"slices"
	"strings"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// The stages that the sum looks at by name.
const (
	stageCapture         = "capture"
	stageDecode          = "decode"
	stageConntrack       = "conntrack"
	stagePublish         = "publish"
	stageConsume         = "consume"
	stageScore           = "score"
	stageAlert           = "alert"
	stageSendAlerts      = "send alerts"
	stageSendConnections = "send connections"
	stageLive            = "live"
)

// dropRefused is why a packet that has a number is not on the log.
const dropRefused = vocabulary.DropPublishRefused

// inOrder is the stages as the data passes them.
var inOrder = []string{stageCapture, stageDecode, stageConntrack, stagePublish, stageConsume, stageScore, stageAlert, "send", "record", stageLive}

// rank is a stage's place on the way; "record alerts" is a record stage. Unknown ones
// come last.
func rank(stage string) int {
	kind, _, _ := strings.Cut(stage, " ")
	if i := slices.Index(inOrder, kind); i >= 0 {
		return i
	}
	return len(inOrder)
}

// Bounds of what reports from the network can make the sum remember.
const (
	maxStages    = 64
	maxReasons   = 256
	maxProtocols = 512
)

// totals are counters that only grow.
type totals struct {
	stages    map[string]*models.StageCounts
	protocols map[string]uint64
}

func newTotals() totals {
	return totals{stages: map[string]*models.StageCounts{}, protocols: map[string]uint64{}}
}

// stage is the counts of one stage, zeros where nobody has it.
func (t totals) stage(name string) models.StageCounts {
	if c := t.stages[name]; c != nil {
		return *c
	}
	return models.StageCounts{Stage: name}
}

// source is the stage that says how much traffic there is: capture, or, where other
// tools fill the topic, what the engines read.
func (t totals) source() models.StageCounts {
	if c := t.stage(stageCapture); c.Out > 0 {
		return c
	}
	return t.stage(stageConsume)
}

// list is every stage, in order.
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

// grow adds what c has more than before, counter by counter. One that went down was
// begun anew by a restart, and counts whole.
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

func more(now, before uint64) uint64 {
	if now >= before {
		return now - before
	}
	return now
}

// addBounded adds to a key of m, to "other" once m is full.
func addBounded(m map[string]uint64, key string, n uint64, limit int) {
	if _, ok := m[key]; !ok && len(m) >= limit {
		key = "other"
	}
	m[key] += n
}
